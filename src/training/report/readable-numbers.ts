/** Formats a number: integers exactly, others with four significant digits, e.g. `50,000` or `0.06402`. */
export function showNumber(value: number): string {
  // Adding 0 turns -0 into 0.
  if (Number.isInteger(value)) return (value + 0).toLocaleString("en");
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** Formats a duration, e.g. `42 s`, `17 min` or `1.25 h`. */
export function showDuration(sec: number): string {
  if (sec < 120) return `${Math.round(sec)} s`;
  if (sec < 5400) return `${Math.round(sec / 60)} min`;
  return `${(sec / 3600).toLocaleString("en", { maximumSignificantDigits: 3 })} h`;
}
