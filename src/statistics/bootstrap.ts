/** A 95% interval. */
export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  /** Random numbers in [0, 1). */
  readonly uniform: () => number;
  /** Resamples; 500 when left out. */
  readonly rounds?: number;
}

/** Fewer groups than this are too few to resample: the interval would be narrower than the truth. */
const MIN_GROUPS = 10;

/**
 * 95% intervals of several statistics by resampling whole groups with replacement (cluster bootstrap).
 *
 * @param statistics from a sample to numbers by name; null where one is undefined for the sample
 * @returns by name; null where there are fewer than {@link MIN_GROUPS} groups, where the statistic is undefined for nearly
 *   all resamples, or where all resamples agree (an interval of no width claims a certainty that no sample gives)
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

/** 95% interval of one statistic; null as for {@link bootstrapIntervals}. */
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
