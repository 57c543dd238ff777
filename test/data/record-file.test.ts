import { mkdtemp, open, readdir, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWhole, RecordWriter, readExactly } from "../../src/data/record-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-store-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("two runs that write one store do not meet", async () => {
  const writers = [await RecordWriter.create(folder, "faces"), await RecordWriter.create(folder, "faces")];
  for (const writer of writers) {
    await writer.append(Uint8Array.of(1, 2, 3));
    await writer.append(Uint8Array.of(4));
  }
  for (const writer of writers) await writer.finish([{ offset: 0 }, { offset: 3 }]);
  expect((await readdir(folder)).sort()).toEqual(["faces.bin", "faces.jsonl"]);
  expect([...(await readFile(join(folder, "faces.bin")))]).toEqual([1, 2, 3, 4]);
  expect(await readFile(join(folder, "faces.jsonl"), "utf8")).toBe('{"offset":0}\n{"offset":3}\n');
});

test("a store that is given up leaves nothing", async () => {
  const writer = await RecordWriter.create(folder, "faces");
  await writer.append(Uint8Array.of(1));
  await writer.abandon();
  expect(await readdir(folder)).toEqual([]);
});

test("a store that was cut short is no store, and never gives bytes that nobody wrote", async () => {
  const writer = await RecordWriter.create(folder, "faces");
  await writer.append(new Uint8Array(100).fill(7));
  await writer.finish([]);
  const path = join(folder, "faces.bin");
  await truncate(path, 60);
  expect(await openWhole(path, 100)).toBeNull();
  const file = await open(path, "r");
  await expect(readExactly(file, new Uint8Array(100), 0)).rejects.toMatchObject({ code: "DATA_INVALID" });
  await file.close();
});
