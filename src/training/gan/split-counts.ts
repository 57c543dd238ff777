/** Number of images per split. */
export interface SplitCounts {
  readonly pictures: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Describes the split. */
export function describeSplit({ pictures, train, validation, test }: SplitCounts): string {
  if (validation + test === 0) return `${pictures} images, all for training`;
  return `${pictures} images: ${train} for training, ${validation} held out for measurements, ${test} left for tests of a detector`;
}
