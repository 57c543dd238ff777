/** Tick values of an axis. */
export interface Ticks {
  /** Ascending; they enclose the range. */
  readonly values: readonly number[];
  /** Difference of two ticks: 1, 2 or 5 times a power of ten. */
  readonly step: number;
}

/**
 * Round tick values that enclose a range (Heckbert, Nice Numbers for Graph Labels, Graphics Gems 1990).
 *
 * @param range `min` < `max`, both finite
 * @param count approximate number of ticks, at least 2
 */
export function niceTicks(
  { min, max }: { readonly min: number; readonly max: number },
  count: number,
): Ticks {
  const step = niceNumber(niceNumber(max - min, [1, 2, 5]) / (count - 1), [1.5, 3, 7]);
  // The tolerance absorbs rounding, e.g. 1.1 / 0.1 = 11.000000000000002.
  const [first, last] = [Math.floor(min / step + 1e-9), Math.ceil(max / step - 1e-9)];
  const values = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { values, step };
}

/** 1, 2, 5 or 10 times the power of ten below `value`; `limits` are the upper ends of 1, 2 and 5. */
function niceNumber(value: number, limits: readonly [number, number, number]): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const place = limits.findIndex((limit) => value / power <= limit);
  return [1, 2, 5, 10].at(place)! * power;
}

/** Formats a tick with the decimals that its axis needs, e.g. `99.5` or `20,000`. */
export function showTick(value: number, step: number): string {
  if (Math.abs(value) >= 1e7 || step < 1e-5) return value.toExponential().replace("e+", "e");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
