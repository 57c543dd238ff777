/** A line of `stats.jsonl` of a GAN run. */
export type StatsRow = Readonly<Record<string, unknown>> & {
  readonly kind?: string;
  readonly step?: number;
  readonly kimg?: number;
};

/** A number of a row; null if it is missing. */
export function numberOf(row: StatsRow | undefined, name: string): number | null {
  const value = row?.[name];
  return typeof value === "number" ? value : null;
}

/** The options of `options.json` that the report uses; older runs lack some. */
export interface RecordedOptions {
  readonly arch: string;
  readonly discriminator?: string;
  readonly resolution: number;
  readonly batch: number;
  /** Length of the run. */
  readonly kimg?: number;
  readonly watts?: number;
  readonly from?: { readonly kimg: number };
}
