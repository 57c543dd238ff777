import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { type DataItem, readDataIndex } from "../data/data-index.ts";
import { TelltaleError } from "../errors.ts";
import { fingerprint } from "../media/index.ts";
import type { IsTrainedOn } from "../networks/index.ts";
import { groupBy } from "../statistics/group-by.ts";
import { codeOf, groupOf, idOf } from "./evaluated-file.ts";
import { mapConcurrent } from "./map-concurrent.ts";

/** The rows to measure, and what was left out of the index. */
export interface SelectedItems {
  readonly items: readonly DataItem[];
  /** Rows whose file the model was trained on, and others of the same groups; null when the model does not say. */
  readonly leftOut: { readonly files: number; readonly sameGroup: number } | null;
}

/**
 * The rows of an index that a model may be measured on: no file that it was trained on, by content, and no other file of the
 * same group.
 *
 * @param options.isTrainedOn null when the model does not say what it was trained on: then all rows are taken
 * @param options.includeTrainedOn takes all rows
 * @throws TelltaleError `DATA_INVALID` when the index is wrong or nothing of it may be used, `ABORTED`
 */
export async function selectItems(
  indexPath: string,
  options: {
    readonly isTrainedOn: IsTrainedOn | null;
    readonly includeTrainedOn: boolean;
    readonly source?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SelectedItems> {
  const { isTrainedOn, includeTrainedOn, source, signal } = options;
  const all = (await readDataIndex(indexPath)).filter(
    (item) => source === undefined || item.source === source,
  );
  let items = all;
  let leftOut: SelectedItems["leftOut"] = null;
  if (includeTrainedOn) leftOut = { files: 0, sameGroup: 0 };
  else if (isTrainedOn !== null) {
    const known = await mapConcurrent(all, availableParallelism(), async ({ path }) => {
      try {
        return isTrainedOn((await fingerprint(path, signal ? { signal } : {})).sha256);
      } catch (error) {
        if (signal?.aborted)
          throw new TelltaleError("ABORTED", "The evaluation was aborted.", { cause: error });
        codeOf(error, signal);
        // A file that cannot be read becomes a row with its error.
        return false;
      }
    });
    const groups = new Set(all.filter((_, i) => known[i]).map(groupOf));
    const sameGroup = all.filter((item, i) => !known[i] && groups.has(groupOf(item))).length;
    leftOut = { files: known.filter(Boolean).length, sameGroup };
    items = all.filter((item) => !groups.has(groupOf(item)));
  }
  if (items.length > 0) return { items, leftOut };
  throw new TelltaleError(
    "DATA_INVALID",
    `Expected files to evaluate in ${indexPath}, but none is left: every row is of another source, or the model was trained on its file or group. --include-trained-on takes the latter too.`,
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
