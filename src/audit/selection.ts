import { createHash } from "node:crypto";
import picomatch from "picomatch";
import { type ResolvedAuditOptions, sinceMs } from "./options.ts";
import type { WalkItem } from "./walk.ts";

/** Filters of the files that were found. */
export interface Selection extends Pick<ResolvedAuditOptions, "include" | "exclude" | "since" | "sample"> {
  /** Files that changed more recently than this are skipped. */
  readonly settledMs: number;
}

/** Selects files by the options. Errors pass unless their path is excluded, so that they are reported. */
export async function* select(items: AsyncIterable<WalkItem>, options: Selection): AsyncGenerator<WalkItem> {
  const filtered = filter(items, options);
  yield* options.sample === undefined ? filtered : sample(filtered, options.sample);
}

async function* filter(
  items: AsyncIterable<WalkItem>,
  { include, exclude, since, settledMs }: Selection,
): AsyncGenerator<WalkItem> {
  const isIncluded = include.length === 0 ? () => true : matcher(include);
  const isExcluded = matcher(exclude);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : sinceMs(since, Date.now())!;
  for await (const item of items) {
    const { text } = item.name;
    if (isExcluded(text)) continue;
    if ("errorCode" in item) yield item;
    else if (isIncluded(text) && item.modifiedMs >= from && isSettled(item.modifiedMs, settledMs)) yield item;
  }
}

/** Tests paths against globs. A glob without a slash applies to the file name only, as in .gitignore. */
function matcher(globs: readonly string[]): (path: string) => boolean {
  const matches = globs.map((glob) => picomatch(glob, { dot: true, basename: !glob.includes("/") }));
  return (path) => matches.some((isMatch) => isMatch(path));
}

/** The items whose paths have the smallest hashes: a reproducible sample that new files hardly change. */
async function* sample(items: AsyncIterable<WalkItem>, count: number): AsyncGenerator<WalkItem> {
  let sampled: { readonly hash: string; readonly item: WalkItem }[] = [];
  const truncate = () => {
    sampled.sort((a, b) => (a.hash < b.hash ? -1 : 1));
    sampled = sampled.slice(0, count);
  };
  for await (const item of items) {
    sampled.push({ hash: createHash("sha256").update(item.name.bytes).digest("hex"), item });
    if (sampled.length >= 2 * count + 1000) truncate();
  }
  truncate();
  for (const { item } of sampled) yield item;
}

/** A date in the future comes from a wrong clock, not from a file that is being written. */
function isSettled(modifiedMs: number, settledMs: number): boolean {
  const ageMs = Date.now() - modifiedMs;
  return ageMs < 0 || ageMs >= settledMs;
}
