import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selectItems } from "../../src/evaluation/select-items.ts";

const folder = mkdtempSync(join(tmpdir(), "telltale-chosen-"));
const index = join(folder, "index.csv");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

beforeAll(() => {
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, `${name}.jpg`), name);
  // A source that is called as one that the model was trained on: the name says nothing.
  const rows = [
    "a.jpg,dfdc,real,one",
    "b.jpg,dfdc,fake,one",
    "c.jpg,dfdc,real,two",
    "gone.jpg,dfdc,real,three",
  ];
  writeFileSync(index, ["file,source,label,group", ...rows].join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const isTrainedOn = (hash: string) => hash === sha256("a");
const names = (chosen: Awaited<ReturnType<typeof selectItems>>) => chosen.items.map(({ file }) => file);

test("files that the model was trained on are left out by content, and the others of their groups too", async () => {
  const chosen = await selectItems(index, { isTrainedOn, includeTrainedOn: false });
  expect(names(chosen)).toEqual(["c.jpg", "gone.jpg"]);
  expect(chosen.leftOut).toEqual({ files: 1, sameGroup: 1 });
});

test("includeTrainedOn keeps them", async () => {
  const chosen = await selectItems(index, { isTrainedOn, includeTrainedOn: true });
  expect(names(chosen)).toEqual(["a.jpg", "b.jpg", "c.jpg", "gone.jpg"]);
});

test("a model that does not say what it was trained on is measured on everything, and that is said", async () => {
  const chosen = await selectItems(index, { isTrainedOn: null, includeTrainedOn: false });
  expect(chosen.items).toHaveLength(4);
  expect(chosen.leftOut).toBeNull();
});

test("an index of which nothing is left is refused", async () => {
  const nothing = selectItems(index, { isTrainedOn: () => true, includeTrainedOn: false, source: "x" });
  await expect(nothing).rejects.toMatchObject({ code: "DATA_INVALID" });
});
