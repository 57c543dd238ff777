import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { RunFolder } from "../../src/training/run-folder.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-run-"));
afterAll(() => rmSync(temporary, { recursive: true }));
const options = { steps: 10, seed: 1 };

describe("RunFolder", () => {
  test("writes the options before the first step, and statistics a line each", async () => {
    const path = join(temporary, "deep/run");
    const run = await RunFolder.open(path, options, false);
    expect(readdirSync(path)).toEqual(["options.json"]);
    expect(JSON.parse(readFileSync(join(path, "options.json"), "utf8"))).toEqual(options);
    await run.log({ step: 1, loss: 0.5 });
    await run.log({ step: 2, loss: 0.25 });
    expect(readFileSync(join(path, "stats.jsonl"), "utf8")).toBe(
      '{"step":1,"loss":0.5}\n{"step":2,"loss":0.25}\n',
    );
  });

  test("gives the last checkpoint back, and keeps no other", async () => {
    const path = join(temporary, "checkpoints");
    const run = await RunFolder.open(path, options, false);
    expect(await run.loadCheckpoint()).toBeNull();
    await run.saveCheckpoint({ step: 5 }, [Float32Array.of(1, 2), Float32Array.of(3)]);
    await run.saveCheckpoint({ step: 9 }, [
      Float32Array.of(4, 5).subarray(1),
      new Float32Array(0),
      Float32Array.of(6),
    ]);
    const again = await RunFolder.open(path, options, true);
    const checkpoint = await again.loadCheckpoint();
    expect(checkpoint!.state.step).toBe(9);
    expect(checkpoint!.arrays.map((array) => [...array])).toEqual([[5], [], [6]]);
    expect(readdirSync(path).sort()).toEqual(["checkpoint-9.bin", "checkpoint.json", "options.json"]);
  });

  test("a checkpoint of the same step replaces it", async () => {
    const run = await RunFolder.open(join(temporary, "same-step"), options, false);
    await run.saveCheckpoint({ step: 5 }, [Float32Array.of(1)]);
    await run.saveCheckpoint({ step: 5 }, [Float32Array.of(2)]);
    expect((await run.loadCheckpoint())!.arrays).toEqual([Float32Array.of(2)]);
  });

  test("refuses what would mix two runs", async () => {
    const path = join(temporary, "one");
    await RunFolder.open(path, options, false);
    await expect(RunFolder.open(path, options, false)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${path} already holds a run. Add --resume to go on, or name another folder.`,
    });
    await expect(RunFolder.open(path, { ...options, seed: 2 }, true)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected the options that the run in ${path} began with (options.json), but these differ: seed. Resume with the same, or begin anew elsewhere.`,
    });
    await expect(RunFolder.open(path, { seed: 1, steps: 10 }, true)).resolves.toBeInstanceOf(RunFolder);
    const nowhere = join(temporary, "nowhere");
    await expect(RunFolder.open(nowhere, options, true)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected a run to resume in ${nowhere}, but there is none. Leave --resume out.`,
    });
    expect(existsSync(nowhere)).toBe(false);
  });
});
