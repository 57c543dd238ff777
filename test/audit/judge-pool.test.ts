import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { JudgePool } from "../../src/audit/judge-pool.ts";

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
  const pool = new JudgePool({ ...options, jobs: 1, scratch });
  const { execPath } = process;
  process.execPath = join(scratch, "no-node");
  try {
    const judging = pool.judge(task("a"), { signal: new AbortController().signal });
    await expect(judging).rejects.toMatchObject({
      code: "WORKER_FAILED",
      message: expect.stringContaining("(ENOENT)"),
    });
  } finally {
    process.execPath = execPath;
  }
  await pool.close();
});

test("no more processes judge at once than there are jobs", async () => {
  const pool = new JudgePool({ ...options, jobs: 1, scratch });
  const { signal } = new AbortController();
  const judge = (id: string) => pool.judge(task(id), { signal });
  // Each that ends hands in another one at once, before the next that waits could take its place.
  const all = ["a", "b", "c"].map((id) => judge(id).then(() => judge(`${id} again`)));
  const findings = await Promise.all(all);
  expect(findings.map(({ finding }) => finding.error?.code)).toEqual(Array(3).fill("FILE_MISSING"));
  expect(pool.started).toBe(1);
  await pool.close();
});
