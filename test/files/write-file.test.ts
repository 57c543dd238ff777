import { execFileSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkWritable, replaceByStream, writeWhole } from "../../src/files/write-file.ts";

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

test("a symbolic link is followed, also one that leads to a file that is not there yet", async () => {
  const path = join(folder, "c");
  await mkdir(path);
  await writeFile(join(path, "real.json"), "old");
  await symlink("real.json", join(path, "link.json"));
  await symlink("later.json", join(path, "dangling.json"));
  await writeWhole(join(path, "link.json"), "new");
  await writeWhole(join(path, "dangling.json"), "new");
  expect(await readFile(join(path, "real.json"), "utf8")).toBe("new");
  expect(await readFile(join(path, "later.json"), "utf8")).toBe("new");
  expect((await lstat(join(path, "link.json"))).isSymbolicLink()).toBe(true);
  expect((await lstat(join(path, "dangling.json"))).isSymbolicLink()).toBe(true);
});

test("a named pipe is written to, and stays a pipe", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const [text] = await Promise.all([readFile(pipe, "utf8"), writeWhole(pipe, "through")]);
  expect(text).toBe("through");
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});

test("a device stays a device", async () => {
  await checkWritable("/dev/null");
  await writeWhole("/dev/null", "nothing");
  expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
});

test("a full disk keeps the old content, and is named", async () => {
  const path = join(folder, "report.json");
  await writeFile(path, "old");
  const full = replaceByStream(path, async (write) => {
    await write("half");
    throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
  });
  await expect(full).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  await expect(writeWhole("/dev/full", "x")).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  expect(await readFile(path, "utf8")).toBe("old");
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("pieces end up in one file, in order", async () => {
  const path = join(folder, "pieces.txt");
  const pieces = Array.from({ length: 20_000 }, (_, i) => `${i} ä\n`);
  await replaceByStream(path, async (write) => {
    for (const piece of pieces) await write(piece);
  });
  expect(await readFile(path, "utf8")).toBe(pieces.join(""));
});
