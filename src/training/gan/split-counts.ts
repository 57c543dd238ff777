/** How many pictures each split has, and why. */
export interface SplitCounts {
  readonly pictures: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** @returns a sentence that says what each split takes */
export function describeSplit({ pictures, train, validation, test }: SplitCounts): string {
  if (validation + test === 0) return `${pictures} pictures, all of them to train on`;
  return `${pictures} pictures: ${train} to train on, ${validation} held out to measure on, ${test} left for tests of a detector`;
}
