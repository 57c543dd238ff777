import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProcessPool } from "../../src/audit/process-pool.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "telltale-pool-"));
});
afterAll(() => rm(scratch, { recursive: true }));

const task = (id: string) => ({
  ...{ id, folder: scratch, path: "gone.jpg", pathBase64: Buffer.from("gone.jpg").toString("base64") },
  ...{ sha256: "0".repeat(64), bytes: 1, modelSha256: "0".repeat(64) },
  ...{
    frames: 1,
    fps: null,
    stability: false,
    provenance: true,
    trustAnchors: null,
    paths: false,
    reports: "none" as const,
  },
});
const options = { nice: 0, timeoutSec: 60, backend: "wasm" as const };

test("a process that cannot be started is an error in one sentence, and the pool closes", async () => {
  const pool = new ProcessPool({ ...options, jobs: 1, scratch });
  const { execPath } = process;
  process.execPath = join(scratch, "no-node");
  try {
    const analyzing = pool.analyze(task("a"), { signal: new AbortController().signal });
    await expect(analyzing).rejects.toMatchObject({
      code: "WORKER_FAILED",
      message: expect.stringContaining("(ENOENT)"),
    });
  } finally {
    process.execPath = execPath;
  }
  await pool.close();
});

test("no more processes analyze at once than there are jobs", async () => {
  const pool = new ProcessPool({ ...options, jobs: 1, scratch });
  const { signal } = new AbortController();
  const analyze = (id: string) => pool.analyze(task(id), { signal });
  // Each that ends hands in another one at once, before the next that waits could take its place.
  const all = ["a", "b", "c"].map((id) => analyze(id).then(() => analyze(`${id} again`)));
  const results = await Promise.all(all);
  expect(results.map(({ result }) => result.error?.code)).toEqual(Array(3).fill("FILE_MISSING"));
  expect(pool.started).toBe(1);
  await pool.close();
});
