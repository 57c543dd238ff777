import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { type DataItem, readDataIndex } from "../data/data-index.ts";
import { TelltaleError } from "../errors.ts";
import { fingerprint } from "../media/index.ts";
import type { IsTrainedOn } from "../networks/index.ts";
import { groupBy } from "../statistics/group-by.ts";
import { codeOf, groupOf, idOf } from "./evaluated-file.ts";
import { mapConcurrent } from "./map-concurrent.ts";

/** The rows to measure, and how many were excluded. */
export interface SelectedItems {
  readonly items: readonly DataItem[];
  /** Excluded training files, and other files of their groups; null if the training files are unknown. */
  readonly leftOut: { readonly files: number; readonly sameGroup: number } | null;
}

/**
 * Selects the rows of an index that a model can be measured on: without its training files (by content) and without other
 * files of their groups.
 *
 * @param options.isTrainedOn null if the training files are unknown; then all rows are selected
 * @param options.includeTrainedOn selects all rows
 * @throws TelltaleError `DATA_INVALID` if the index is invalid or no row is left, `ABORTED`
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
        // An unreadable file becomes a row with its error later.
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
    `Expected files to evaluate in ${indexPath}, but none is left: every row is of another source, or the model was trained on its file or group. --include-trained-on keeps the latter.`,
  );
}

/**
 * Selects at most `limit` rows per source and label by a hash of the group, then of the file. The selection does not depend on
 * other rows, and keeps originals together with their fakes.
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
