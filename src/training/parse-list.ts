/** Splits a comma-separated list, e.g. `a, b`; empty names are dropped. */
export function parseList(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
