import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reproductionSchema } from "../../scripts/card/measurements.ts";
import { openDetector } from "../../src/detection/detect.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { evaluateOptionsSchema } from "../../src/evaluation/options.ts";
import { tool } from "../../src/report/tool.ts";
import { trainDetectorOptionsSchema } from "../../src/training/detector/detector-options.ts";
import { trainDetector } from "../../src/training/detector/train-detector.ts";
import { addGroups, makePortraitData } from "../training/portrait-data.ts";
import { groupsOn } from "../training/stored-faces.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-reproduce-"));
const model = join(temporary, "model");
let data: string;

/** A model of two stages with what it was measured to score, as the shipped one lies in its folder. */
beforeAll(async () => {
  data = await makePortraitData(join(temporary, "data"));
  await addGroups(
    data,
    groupsOn("test", 2).map((group) => ({ group, generator: "patch" })),
  );
  const shared = { data, cache: join(temporary, "cache"), backend: "wasm", batch: 4, size: 64, steps: 2 };
  const stages = {
    1: { head: "mean", trunk: "trained", from: "random" },
    2: { draws: 64, beside: join(temporary, "runs/1/model") },
  };
  for (const [name, stage] of Object.entries(stages)) {
    const out = join(temporary, "runs", name);
    await trainDetector(
      trainDetectorOptionsSchema.parse({ ...shared, threads: 1, evalEvery: 2, ...stage, out }),
    );
    mkdirSync(join(model, "training", name), { recursive: true });
    cpSync(join(out, "options.json"), join(model, "training", name, "options.json"));
  }
  cpSync(join(temporary, "runs/2/model"), model, { recursive: true });
  const detector = await openDetector({ model, workers: 1, backend: "wasm" });
  const options = evaluateOptionsSchema.parse({ data, out: join(temporary, "evaluation") });
  const { document } = await evaluate(detector, options).finally(() => detector.close());
  mkdirSync(join(model, "evaluation"));
  writeFileSync(
    join(model, "evaluation/studio.json"),
    JSON.stringify({ ...document, tool, command: "telltale evaluate" }),
  );
});
afterAll(() => rmSync(temporary, { recursive: true }));

const reproduce = (index: string, out: string) =>
  spawnSync(
    process.execPath,
    [
      ...["--import", "tsx", "scripts/reproduce.ts", "--model", model, "--data", index],
      ...["--out", join(temporary, out), "--cache", join(temporary, "cache")],
    ],
    { encoding: "utf8" },
  );

test("a model's stages are trained anew from its options, and its figures are found again", {
  timeout: 300_000,
}, () => {
  const { status, stdout, stderr } = reproduce(data, "again");
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => line.replace(/\d\.\d+/g, "N"))).toEqual([
    "stage 1: N h, N h of processors",
    "stage 2: N h, N h of processors",
    "weights: the same to the last bit",
    "studio: N shipped, N now",
  ]);
  const [shipped, now] = lines[3]!.match(/\d\.\d+/g)!;
  expect(now).toBe(shipped);
  expect(stderr).toContain("validated at step 2 AUC");
  expect(status).toBe(0);
  // What was trained is not trained again.
  const { stdout: second } = reproduce(data, "again");
  expect(second).toMatch(/^stage 1: .+, trained before\nstage 2: .+, trained before\nweights: /);
  const written = JSON.parse(readFileSync(join(temporary, "again/reproduction.json"), "utf8"));
  const { shipped: before, now: after, stages, figures } = reproductionSchema.parse(written);
  expect(after).toBe(before);
  expect(stages.map(({ name }) => name)).toEqual(["1", "2"]);
  for (const { hours, processorHours } of stages) expect(Math.min(hours, processorHours)).toBeGreaterThan(0);
  expect(figures).toEqual([
    { name: "studio", fakes: 2, shipped: expect.any(Number), now: figures[0]!.shipped, isHeldTo: false },
  ]);
});

test("an index that it was not made with is refused before anything is trained", () => {
  const other = join(temporary, "other.csv");
  writeFileSync(other, `${readFileSync(data, "utf8")}\n`);
  const { status, stdout, stderr } = reproduce(other, "never");
  expect(stderr).toMatch(
    /Expected the index\.csv with the SHA-256 \w{64} in --data, but none of its files is that\./,
  );
  expect(stdout).toBe("");
  expect(status).toBe(1);
});
