import { createHash } from "node:crypto";
import { TelltaleError } from "../errors.ts";
import { groupBy } from "../statistics/groups.ts";
import { type DataItem, readDataIndex, splitOf } from "../training/data-index.ts";
import { groupOf, idOf } from "./evaluated-file.ts";

/**
 * The rows of an index that a model may be measured on: of sources that it was trained on only the groups of the test
 * split, of others everything.
 *
 * @throws TelltaleError `DATA_INVALID` when the index is wrong or nothing of it may be used
 */
export async function heldOutItems(
  indexPath: string,
  options: { trainedOn: ReadonlySet<string>; source?: string | undefined },
): Promise<DataItem[]> {
  const { trainedOn, source } = options;
  const items = (await readDataIndex(indexPath)).filter(
    (item) =>
      (source === undefined || item.source === source) &&
      (!trainedOn.has(item.source) || splitOf(item) === "test"),
  );
  if (items.length > 0) return items;
  throw new TelltaleError(
    "DATA_INVALID",
    `Expected files to evaluate in ${indexPath}, but none is left: every row is of another source, or was trained on.`,
  );
}

/**
 * At most `limit` rows of each source and label, chosen by a hash of the group, then of the file: the same on every
 * machine, whatever else is in the index, and originals along with what was made from them.
 */
export function limitItems(items: readonly DataItem[], limit: number): DataItem[] {
  const lists = groupBy(items, (item) => `${item.source}/${item.label}`);
  const chosen = new Set<DataItem>();
  for (const list of lists.values()) {
    const keyed = list.map((item) => ({ item, key: `${hash(groupOf(item))}${hash(idOf(item))}` }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { item } of keyed.slice(0, limit)) chosen.add(item);
  }
  return items.filter((item) => chosen.has(item));
}

/** A short hash that orders names evenly. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
