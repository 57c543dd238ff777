import { describe, expect, test } from "vitest";
import { fileName } from "../../src/audit/file-name.ts";
import { sinceMs } from "../../src/audit/options.ts";
import { type Selection, select } from "../../src/audit/selection.ts";
import type { WalkItem } from "../../src/audit/walk.ts";

const now = Date.now();
const day = 86_400_000;

async function* files(...names: readonly (string | readonly [string, number])[]): AsyncGenerator<WalkItem> {
  for (const one of names) {
    const [name, modifiedMs] = typeof one === "string" ? [one, now - 30 * day] : one;
    yield { name: fileName(Buffer.from(name)), bytes: 1, modifiedMs, isLink: false };
  }
}

async function selected(
  found: AsyncIterable<WalkItem>,
  selection: Partial<Selection> = {},
): Promise<string[]> {
  const names: string[] = [];
  const all: Selection = {
    include: [],
    exclude: [],
    since: undefined,
    sample: undefined,
    settledMs: 0,
    ...selection,
  };
  for await (const { name } of select(found, all)) names.push(name.text);
  return names;
}

describe("a selection", () => {
  const tree = () => files("a.mp4", "b.JPG", "in/c.mp4", "in/.d/e.mp4", "two\nlines.mp4", "notes.txt");

  test("without globs takes every file", async () => {
    expect(await selected(tree())).toHaveLength(6);
  });

  test.each([
    [{ include: ["*.mp4"] }, ["a.mp4", "in/c.mp4", "in/.d/e.mp4", "two\nlines.mp4"]],
    [{ include: ["in/**"] }, ["in/c.mp4", "in/.d/e.mp4"]],
    [{ include: ["*.{mp4,JPG}"], exclude: ["in/**"] }, ["a.mp4", "b.JPG", "two\nlines.mp4"]],
    [{ include: ["a.*", "b.*"] }, ["a.mp4", "b.JPG"]],
    [{ exclude: ["*.mp4", "*.txt"] }, ["b.JPG"]],
  ])("%j takes what matches", async (globs, expected) => {
    expect(await selected(tree(), globs)).toEqual(expected);
  });

  test("takes files changed since a date or within an age", async () => {
    const aged = () => files(["old.mp4", now - 8 * day], ["new.mp4", now - 6 * day]);
    expect(await selected(aged(), { since: "7d" })).toEqual(["new.mp4"]);
    expect(await selected(aged(), { since: new Date(now - 7 * day).toISOString() })).toEqual(["new.mp4"]);
    expect([sinceMs("36h", now), sinceMs("2026-03-01", 0)]).toEqual([now - 1.5 * day, Date.UTC(2026, 2, 1)]);
    expect([sinceMs("yesterday", now), sinceMs("7", now), sinceMs("2026-13-01", now)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("leaves out what is still being written, and not what a wrong clock dates into the future", async () => {
    const found = files(["arriving.mp4", now - 100], ["here.mp4", now - 5000], ["tomorrow.mp4", now + day]);
    expect(await selected(found, { settledMs: 3000 })).toEqual(["here.mp4", "tomorrow.mp4"]);
  });

  test("draws the same files each time, and others only where new ones come", async () => {
    const names = Array.from({ length: 5000 }, (_, i) => `${i}.mp4`);
    const drawn = await selected(files(...names), { sample: 10 });
    expect(drawn).toHaveLength(10);
    expect(await selected(files(...[...names].reverse()), { sample: 10 })).toEqual(drawn);
    const more = await selected(files(...names, "new.mp4"), { sample: 10 });
    expect(more.filter((name) => drawn.includes(name)).length).toBeGreaterThanOrEqual(9);
    expect(await selected(files("a.mp4", "b.mp4"), { sample: 10 })).toHaveLength(2);
  });
});
