/** A 95% interval. */
export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  /** Random numbers in [0, 1). */
  readonly uniform: () => number;
  /** Number of resamples. Default 500. */
  readonly rounds?: number;
}

/** With fewer groups the bootstrap interval would be too narrow. */
const MIN_GROUPS = 10;

/**
 * 95% intervals of several statistics by the cluster bootstrap: whole groups are resampled with replacement.
 *
 * @param statistics computes values by name from a sample; null for undefined values
 * @returns intervals by name; null with fewer than {@link MIN_GROUPS} groups, if the statistic is undefined for nearly all
 *   resamples, or if all resamples agree
 */
export function bootstrapIntervals<T, Name extends string>(
  groups: readonly (readonly T[])[],
  statistics: (items: readonly T[]) => Record<Name, number | null>,
  options: BootstrapOptions,
): Record<Name, Interval | null> {
  const values = new Map<Name, number[]>();
  for (let round = 0; round < (options.rounds ?? 500); round++) {
    const sample: T[] = [];
    for (let i = 0; i < groups.length; i++) {
      for (const item of groups[Math.floor(options.uniform() * groups.length)]!) sample.push(item);
    }
    for (const [name, value] of Object.entries(statistics(sample)) as [Name, number | null][]) {
      if (!values.has(name)) values.set(name, []);
      if (value !== null) values.get(name)!.push(value);
    }
  }
  const intervals = [...values].map(([name, list]) => [
    name,
    groups.length < MIN_GROUPS ? null : middle95(list),
  ]);
  return Object.fromEntries(intervals) as Record<Name, Interval | null>;
}

/** 95% interval of one statistic; null under the same conditions as {@link bootstrapIntervals}. */
export function bootstrapInterval<T>(
  groups: readonly (readonly T[])[],
  statistic: (items: readonly T[]) => number | null,
  options: BootstrapOptions,
): Interval | null {
  return bootstrapIntervals(groups, (items) => ({ value: statistic(items) }), options).value ?? null;
}

function middle95(values: number[]): Interval | null {
  if (values.length < 20) return null;
  values.sort((a, b) => a - b);
  const low = values[Math.floor(0.025 * values.length)]!;
  const high = values[Math.floor(0.975 * values.length)]!;
  return low < high ? [low, high] : null;
}
