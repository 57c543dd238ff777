/** A line of a GAN run's `stats.jsonl`: of one `kind`, at one step, with the numbers of that kind. */
export type StatsRow = Readonly<Record<string, unknown>> & {
  readonly kind?: string;
  readonly step?: number;
  readonly kimg?: number;
};

/** A row's number of that name; null where it has none. */
export function numberOf(row: StatsRow | undefined, name: string): number | null {
  const value = row?.[name];
  return typeof value === "number" ? value : null;
}

/** What a run's `options.json` says that its page needs; runs of earlier versions say less. */
export interface RecordedOptions {
  readonly arch: string;
  readonly discriminator?: string;
  readonly resolution: number;
  readonly batch: number;
  /** To which the run trains. */
  readonly kimg?: number;
  readonly watts?: number;
  readonly from?: { readonly kimg: number };
}
