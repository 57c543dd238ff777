import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkWritable, writeWhole } from "../../src/report/write-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-write-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file is replaced whole, and nothing is left beside it", async () => {
  const path = join(folder, "a/report.json");
  await mkdir(join(folder, "a"));
  await writeFile(path, "old");
  await writeWhole(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readdir(join(folder, "a"))).toEqual(["report.json"]);
});

test("a place that cannot be written to is named, and what is there stays", async () => {
  const path = join(folder, "b");
  await mkdir(join(path, "inside"), { recursive: true });
  const unwritable = (path: string, why: string) => ({
    name: "TelltaleError",
    code: "OUTPUT_UNWRITABLE",
    message: `Expected to write ${path} but could not (${why}); give a path in a folder that exists and that you may write to.`,
  });
  await expect(writeWhole(path, "new")).rejects.toMatchObject(unwritable(path, "EISDIR"));
  await expect(checkWritable(path)).rejects.toMatchObject(unwritable(path, "EISDIR"));
  const nowhere = join(folder, "no/report.json");
  await expect(writeWhole(nowhere, "new")).rejects.toMatchObject(unwritable(nowhere, "ENOENT"));
  await expect(checkWritable(nowhere)).rejects.toMatchObject(unwritable(nowhere, "ENOENT"));
  expect((await readdir(folder)).sort()).toEqual(["a", "b"]);
});
