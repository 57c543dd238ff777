/** At most `limit` elements, evenly spread over the list. Default: all. */
export function sampleEvenly<Item>(list: readonly Item[], limit = Infinity): Item[] {
  const stride = Math.max(1, list.length / limit);
  return Array.from({ length: Math.min(list.length, limit) }, (_, k) => list[Math.floor(k * stride)]!);
}
