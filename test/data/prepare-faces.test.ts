import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ExtractProgress } from "../../src/data/extract-crops.ts";
import { prepareFaces } from "../../src/data/prepare-faces.ts";
import { makePortraitData } from "../training/portrait-data.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-prepare-"));
afterAll(() => rmSync(temporary, { recursive: true }));

test("faces are kept in the order of the index, and what cannot be read is counted", async () => {
  const indexPath = await makePortraitData(join(temporary, "data"));
  writeFileSync(join(temporary, "data/broken.png"), "no picture");
  appendFileSync(indexPath, "broken.png,studio,real,none,broken\n");
  const cacheFolder = join(temporary, "cache");

  const stop = new AbortController();
  const reason = new Error("Stopped.");
  stop.abort(reason);
  await expect(prepareFaces({ indexPath, cacheFolder, on: { signal: stop.signal } })).rejects.toBe(reason);
  const [folder] = readdirSync(cacheFolder);
  expect(readdirSync(join(cacheFolder, folder!))).not.toContain("faces.jsonl");

  let last: ExtractProgress | null = null;
  const store = await prepareFaces({
    indexPath,
    cacheFolder,
    on: { onProgress: (progress) => (last = progress) },
  });
  expect(last).toEqual({ done: 17, total: 17, withoutFace: 0, unreadable: 1 });
  const labels = store.faces.map(({ file, label }) => [file.endsWith(`${label}.png`), label]);
  expect(labels).toEqual(
    Array.from({ length: 8 }, () => [
      [true, "real"],
      [true, "fake"],
    ]).flat(),
  );
  await store.close();
});
