import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

  test("a checkpoint that was cut short, or whose state was, is refused in a sentence", async () => {
    const path = join(temporary, "damaged");
    const run = await RunFolder.open(path, options, false);
    await run.saveCheckpoint({ step: 5 }, [Float32Array.of(1, 2)]);
    writeFileSync(join(path, "checkpoint-5.bin"), "short");
    await expect(run.loadCheckpoint()).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected 8 bytes in the checkpoint ${join(path, "checkpoint-5.bin")}, but there are 5: it is damaged. Start a new run in another folder.`,
    });
    writeFileSync(join(path, "checkpoint.json"), '{"step":5,"fi');
    await expect(run.loadCheckpoint()).rejects.toMatchObject({ code: "RUN_INVALID" });
  });

  test("what a killed run has left of a checkpoint goes with the next one", async () => {
    const path = join(temporary, "orphans");
    const run = await RunFolder.open(path, options, false);
    for (const name of ["checkpoint-7.bin", "checkpoint-8.bin.partial"]) writeFileSync(join(path, name), "x");
    await run.saveCheckpoint({ step: 9 }, [Float32Array.of(1)]);
    expect(readdirSync(path).sort()).toEqual(["checkpoint-9.bin", "checkpoint.json", "options.json"]);
  });

  test("half a line that a killed run has left does not take the next one with it", async () => {
    const path = join(temporary, "half-line");
    await RunFolder.open(path, options, false);
    writeFileSync(join(path, "stats.jsonl"), '{"step":1}\n{"step":2,"lo');
    const again = await RunFolder.open(path, options, true);
    await again.log({ step: 3 });
    await again.log({ step: 4 });
    const lines = readFileSync(join(path, "stats.jsonl"), "utf8").split("\n");
    expect(lines).toEqual(['{"step":1}', '{"step":2,"lo', '{"step":3}', '{"step":4}', ""]);
  });

  test("options that do not decide what is learnt may differ, and are written down", async () => {
    const path = join(temporary, "free");
    await RunFolder.open(path, { ...options, threads: 1 }, false);
    await RunFolder.open(path, { ...options, threads: 4 }, true, { free: ["threads"] });
    expect(JSON.parse(readFileSync(join(path, "options.json"), "utf8")).threads).toBe(4);
  });

  test("a folder that cannot be made is refused in a sentence", async () => {
    const file = join(temporary, "a-file");
    writeFileSync(file, "");
    await expect(RunFolder.open(join(file, "run"), options, false)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
    });
  });

  test("refuses what would mix two runs", async () => {
    const path = join(temporary, "one");
    await RunFolder.open(path, options, false);
    await expect(RunFolder.open(path, options, false)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${path} already holds a run. Add --resume to continue it, or name another folder.`,
    });
    await expect(RunFolder.open(path, { ...options, seed: 2 }, true)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected the options of the run in ${path} (options.json), but these differ: seed. Resume with the same options, or start a new run in another folder.`,
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
