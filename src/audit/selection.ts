import { createHash } from "node:crypto";
import picomatch from "picomatch";
import { type ResolvedAuditOptions, sinceMs } from "./options.ts";
import type { Found } from "./walk.ts";

/** Which of the found are wanted. */
export interface Selection extends Pick<ResolvedAuditOptions, "include" | "exclude" | "since" | "sample"> {
  /** Files that changed less than this ago are passed over. */
  readonly settledMs: number;
}

/**
 * Those of the found that the options ask for. Trouble passes unless its path is excluded: what cannot be looked at
 * is not silently left out.
 */
export async function* select(found: AsyncIterable<Found>, options: Selection): AsyncGenerator<Found> {
  const wanted = filter(found, options);
  yield* options.sample === undefined ? wanted : draw(wanted, options.sample);
}

async function* filter(
  found: AsyncIterable<Found>,
  { include, exclude, since, settledMs }: Selection,
): AsyncGenerator<Found> {
  const isIncluded = include.length === 0 ? () => true : matcher(include);
  const isExcluded = matcher(exclude);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : sinceMs(since, Date.now())!;
  for await (const one of found) {
    const { text } = one.name;
    if (isExcluded(text)) continue;
    if ("trouble" in one) yield one;
    else if (isIncluded(text) && one.modifiedMs >= from && isSettled(one.modifiedMs, settledMs)) yield one;
  }
}

/** Whether a path matches one of the globs; one without a slash is about the file's name alone, as in .gitignore. */
function matcher(globs: readonly string[]): (path: string) => boolean {
  const matches = globs.map((glob) => picomatch(glob, { dot: true, basename: !glob.includes("/") }));
  return (path) => matches.some((one) => one(path));
}

/** The files whose paths have the smallest hashes: a draw that a second run repeats and a new file hardly changes. */
async function* draw(found: AsyncIterable<Found>, count: number): AsyncGenerator<Found> {
  let drawn: { readonly rank: string; readonly one: Found }[] = [];
  const cut = () => {
    drawn.sort((a, b) => (a.rank < b.rank ? -1 : 1));
    drawn = drawn.slice(0, count);
  };
  for await (const one of found) {
    drawn.push({ rank: createHash("sha256").update(one.name.bytes).digest("hex"), one });
    if (drawn.length >= 2 * count + 1000) cut();
  }
  cut();
  for (const { one } of drawn) yield one;
}

/** A date in the future is a wrong clock's, not a file that is being written. */
function isSettled(modifiedMs: number, settledMs: number): boolean {
  const ageMs = Date.now() - modifiedMs;
  return ageMs < 0 || ageMs >= settledMs;
}
