import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { reportFailure } from "../../src/report/json.ts";
import { FileStore } from "../../src/web/file-store.ts";
import { MemoryStore } from "../../src/web/memory-store.ts";
import { ResultStore, type StoreBackend, type StoredJob } from "../../src/web/result-store.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-store-"));
});
afterAll(() => rm(folder, { recursive: true }));

const jpeg = new Uint8Array([0xff, 0xd8, 1, 2, 3]);
const storedJob = (id: string, changes: Partial<StoredJob> = {}): StoredJob => ({
  id,
  owner: "me",
  name: "clip.mp4",
  bytes: 5,
  createdMs: Date.now(),
  expiresMs: Date.now() + 60_000,
  report: reportFailure("clip.mp4", { code: "NOT_MEDIA", message: "It is none." }),
  pictures: { frames: [{ index: 0, width: 2, height: 1, thumbnail: jpeg }], faces: [] },
  ...changes,
});

let count = 0;
const backends: readonly [string, () => StoreBackend][] = [
  ["memory", () => new MemoryStore()],
  ["a folder", () => new FileStore(join(folder, `store-${count++}`))],
];

describe.each(backends)("results in %s", (_name, open) => {
  test("are read by their owner, pictures and all, and by nobody else", async () => {
    const store = await ResultStore.open(open(), 1e6);
    await store.put(storedJob("a"));
    const read = await store.get("a", "me");
    expect(read).toMatchObject({ id: "a", name: "clip.mp4", report: { error: { code: "NOT_MEDIA" } } });
    expect([...read!.pictures!.frames[0]!.thumbnail]).toEqual([...jpeg]);
    expect(await store.get("a", "somebody else")).toBeNull();
    expect(await store.delete("a", "somebody else")).toBe(false);
    expect(await store.delete("a", "me")).toBe(true);
    expect(await store.get("a", "me")).toBeNull();
    expect(store.bytes).toBe(0);
  });

  test("are wiped after their time", async () => {
    const store = await ResultStore.open(open(), 1e6);
    await store.put(storedJob("old", { expiresMs: Date.now() - 1 }));
    await store.put(storedJob("new"));
    expect(await store.get("old", "me")).toBeNull();
    expect(store.size).toBe(1);
  });

  test("make room for newer ones, the oldest first", async () => {
    const one = await ResultStore.open(open(), 1e6);
    await one.put(storedJob("a"));
    const store = await ResultStore.open(open(), 2.5 * one.bytes);
    for (const id of ["a", "b", "c"]) await store.put(storedJob(id));
    expect(await store.get("a", "me")).toBeNull();
    expect(await store.get("c", "me")).toMatchObject({ id: "c" });
    expect(store.size).toBe(2);
  });
});

test("results in a folder outlive the server; broken and overdue ones are wiped, other files are left alone", async () => {
  const path = join(folder, "kept");
  const before = await ResultStore.open(new FileStore(path), 1e6);
  await before.put(storedJob("kept"));
  await before.put(storedJob("brief", { expiresMs: Date.now() + 20 }));
  await writeFile(join(path, "broken.job.json"), '{"id":"bro');
  await writeFile(join(path, "other.job.json"), JSON.stringify(storedJob("not-its-name")));
  await writeFile(join(path, ".kept.job.json.1234.tmp"), "half");
  await writeFile(join(path, "notes.txt"), "mine");
  await new Promise((resolve) => setTimeout(resolve, 30));
  const after = await ResultStore.open(new FileStore(path), 1e6);
  expect(await after.get("kept", "me")).toMatchObject({ id: "kept" });
  expect((await readdir(path)).sort()).toEqual(["kept.job.json", "notes.txt"]);
  // They hold other people's pictures: nobody else on the machine reads them.
  if (process.platform !== "win32")
    expect((await stat(join(path, "kept.job.json"))).mode & 0o777).toBe(0o600);
});

test("a result that cannot be wiped now stays known and is wiped later, and the others are wiped", async () => {
  const path = join(folder, "stuck");
  const store = await ResultStore.open(new FileStore(path), 1e6);
  await store.put(storedJob("a"));
  await store.put(storedJob("b"));
  // A folder in its place cannot be removed as a file.
  await rm(join(path, "a.job.json"));
  await mkdir(join(path, "a.job.json"));
  await expect(store.delete("a", "me")).rejects.toThrow();
  const full = await ResultStore.open(new FileStore(path), 1e6);
  await full.put(storedJob("c", { expiresMs: Date.now() - 1 }));
  expect(full.size).toBe(1);
  expect(store.size).toBe(2);
  await rm(join(path, "a.job.json"), { recursive: true });
  expect(await store.delete("a", "me")).toBe(true);
  expect(store.size).toBe(1);
});

test("sweeping never rejects for a result that cannot be wiped", async () => {
  const path = join(folder, "swept");
  const store = await ResultStore.open(new FileStore(path), 1e6);
  for (const id of ["a", "b"]) await store.put(storedJob(id, { expiresMs: Date.now() + 300 }));
  await rm(join(path, "a.job.json"));
  await mkdir(join(path, "a.job.json"));
  await vi.waitUntil(async () => {
    await store.sweep();
    return store.size === 1;
  });
  await rm(join(path, "a.job.json"), { recursive: true });
  await store.sweep();
  expect(store.size).toBe(0);
  expect(store.bytes).toBe(0);
});
