/** The word of `known` that takes the fewest changes of a letter to reach (Levenshtein 1966). */
export function nearest(word: string, known: readonly string[]): string {
  return known.reduce((best, next) => (changes(word, next) < changes(word, best) ? next : best));
}

function changes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
