import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UploadFolder } from "../../src/web/upload-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "telltale-sweep-"));
});
afterEach(() => rm(parent, { recursive: true }));

test("what a server that was killed left behind is swept by the next one; living ones and strangers are not", async () => {
  // The number of a process that has just ended.
  const { pid: dead } = spawnSync(process.execPath, ["--version"]);
  await mkdir(join(parent, `telltale-serve-${dead}-abc`));
  await writeFile(join(parent, `telltale-serve-${dead}-abc`, "upload"), "somebody's face");
  await mkdir(join(parent, `telltale-serve-${process.ppid}-abc`));
  await mkdir(join(parent, "telltale-serve-notes"));
  const folder = await UploadFolder.open(parent);
  const own = dirname(await folder.newPath());
  expect((await readdir(parent)).sort()).toEqual(
    [own.slice(parent.length + 1), `telltale-serve-${process.ppid}-abc`, "telltale-serve-notes"].sort(),
  );
  if (process.platform !== "win32") expect((await stat(own)).mode & 0o777).toBe(0o700);
  // Another server of the same process leaves it alone.
  await (await UploadFolder.open(parent)).remove();
  expect(await readdir(parent)).toContain(own.slice(parent.length + 1));
  await folder.remove();
  expect(await readdir(parent)).not.toContain(own.slice(parent.length + 1));
});

test("no two uploads get one path", async () => {
  const folder = await UploadFolder.open(parent);
  const paths = await Promise.all(Array.from({ length: 100 }, () => folder.newPath()));
  expect(new Set(paths).size).toBe(100);
});

test("a folder that was cleaned away is made again", async () => {
  const folder = await UploadFolder.open(parent);
  await rm(dirname(await folder.newPath()), { recursive: true });
  const path = await folder.newPath();
  expect(await folder.findProblem()).toBeNull();
  await writeFile(path, "an upload");
  await folder.discard(path);
  expect(await readdir(dirname(path))).toEqual([]);
  await folder.remove();
  expect(await readdir(parent)).toEqual([]);
});
