import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";
import { type EvaluateCall, type EvaluationEvent, evaluate } from "../../src/evaluation/evaluate.ts";
import { evaluateOptionsSchema } from "../../src/evaluation/options.ts";
import { defaultModelDir, readManifest } from "../../src/networks/index.ts";
import { evaluationSchema } from "../../src/types/evaluation.ts";

const media = resolve(import.meta.dirname, "../../fixtures/media");
const temporary = mkdtempSync(join(tmpdir(), "telltale-evaluate-"));
let detector: Detector;

beforeAll(async () => {
  const model = join(temporary, "model");
  // The model that ships, as if it had been trained on a source named x.
  cpSync(defaultModelDir, model, { recursive: true });
  const shipped = await readManifest(model);
  // Small crops: attacking whole ones takes minutes without a native backend.
  const manifest = { ...shipped, trainedOn: ["x"], crop: { ...shipped.crop, sizePx: 64 } };
  writeFileSync(join(model, "manifest.json"), JSON.stringify(manifest));
  detector = await openDetector({ model, frames: 3, backend: "wasm", workers: 1 });
});
afterAll(async () => {
  await detector.close();
  rmSync(temporary, { recursive: true });
});

function indexOf(...rows: string[]): string {
  const path = join(temporary, "index.csv");
  writeFileSync(path, ["file,source,label,generator,group,attributes", ...rows].join("\n"));
  return path;
}

function run(options: object, call: EvaluateCall = {}) {
  return evaluate(detector, evaluateOptionsSchema.parse(options), call);
}

describe("evaluate", () => {
  test("gives every row its result or the code of its error, in the order of the index", async () => {
    const data = indexOf(
      `${media}/text.mp4,fixtures,real,,g1,`,
      `${media}/still.jpg,fixtures,real,,g2,`,
      `${media}/still-forged.jpg,fixtures,fake,self-blend,g2,`,
      "missing.jpg,fixtures,fake,self-blend,g3,",
    );
    const counts: number[] = [];
    const onEvent = (event: EvaluationEvent) => {
      if (event.kind === "files") counts.push(event.done, event.total);
    };
    const { files, document } = await run({ data }, { onEvent });
    expect(counts).toEqual([1, 4, 2, 4, 3, 4, 4, 4]);
    expect(files.map(({ isReal, error }) => [isReal, error])).toEqual([
      [true, "NOT_MEDIA"],
      [true, null],
      [false, null],
      [false, "FILE_MISSING"],
    ]);
    for (const file of files.slice(1, 3)) {
      expect(file.authenticity).toBeGreaterThanOrEqual(0);
      expect(file.authenticity).toBeLessThanOrEqual(1);
      expect(file.faces).toHaveLength(1);
    }
    expect(files[0]).toMatchObject({ authenticity: null, verdict: null, faces: [] });
    expect(document.verdicts.map(({ label, files: count, failed }) => [label, count, failed])).toEqual([
      ["real", 2, 1],
      ["fake", 2, 1],
    ]);
    expect(document).toMatchObject({ robustness: null, shortcuts: null, attributes: null, attack: null });
  });

  test("an index of which nothing may be used is refused", async () => {
    const data = indexOf("a.jpg,fixtures,real,,g1,");
    await expect(run({ data, source: "elsewhere" })).rejects.toMatchObject({
      code: "DATA_INVALID",
    });
  });

  test("a source that is called as one of the training data keeps its files: content decides", async () => {
    const data = indexOf(...[3, 8, 11].map((group) => `${media}/missing-${group}.jpg,x,real,,${group},`));
    const { files, document } = await run({ data });
    expect(files.map(({ group }) => group)).toEqual(["3", "8", "11"]);
    expect(document.data).toMatchObject({ leftOut: 0, includesTrainedOn: false });
  });

  test("an aborted evaluation rejects with ABORTED", async () => {
    const data = indexOf(`${media}/still.jpg,fixtures,real,,g2,`);
    await expect(run({ data }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("evaluate with everything that looks at files and crops", () => {
  const out = join(temporary, "out");
  const options = { out, robustness: true, shortcuts: true, attack: true, groups: "attributes", limit: 2 };
  const rows = [
    `${media}/still.jpg,fixtures,real,,g1,gender=female`,
    `${media}/vfr.mp4,fixtures,real,,g2,gender=female`,
    `${media}/still-forged.jpg,fixtures,fake,self-blend,g1,`,
    "missing.jpg,fixtures,fake,self-blend,g3,",
  ];

  test("fills each part of a document that its schema takes, and does not measure twice what it has", {
    timeout: 300_000,
  }, async () => {
    const data = indexOf(...rows);
    const { document } = await run({ data, ...options });
    const whole = { ...document, tool: { name: "telltale", version: "0.0.0" }, command: "telltale evaluate" };
    expect(evaluationSchema.parse(JSON.parse(JSON.stringify(whole)))).toEqual(
      JSON.parse(JSON.stringify(whole)),
    );

    const { robustness, shortcuts, attributes, attack } = document;
    expect(robustness!.changes.map(({ name, failed }) => [name, failed])).toEqual([
      ["jpeg-90", 0],
      ["jpeg-70", 0],
      ["jpeg-50", 0],
      ["jpeg-30", 0],
      ["half-size", 0],
      ["quarter-size", 0],
      ["blur", 0],
      ["noise", 0],
      ["h264-crf-28", 0],
      ["h264-crf-35", 0],
      ["h264-crf-40", 0],
    ]);
    const flips = robustness!.changes.map((change) => change.flips[0]!);
    for (const { files, contradicted, changed } of flips) {
      expect(files).toBe(3);
      expect(changed).toBeGreaterThanOrEqual(contradicted);
    }
    expect(shortcuts!.comparisons).toHaveLength(1);
    expect(shortcuts!.comparisons[0]!.faces.value).not.toBeNull();
    expect(attributes!.keys[0]).toMatchObject({ name: "gender", gap: null });
    expect(attributes!.keys[0]!.values).toMatchObject([{ value: "female", files: 2 }]);
    expect(attack!.comparisons[0]!.trials.map(({ method, epsilon }) => `${method} ${epsilon}`)).toEqual([
      "none 0",
      "fgsm 1",
      "fgsm 2",
      "fgsm 4",
      "pgd 1",
      "pgd 2",
      "pgd 4",
    ]);

    const events: EvaluationEvent[] = [];
    const onEvent = (event: EvaluationEvent) => events.push(event);
    const again = await run({ data, ...options, attack: false }, { onEvent });
    expect(again.document).toEqual({ ...document, attack: null });
    // Three files that could be looked at: as they are, eleven changes, and made alike.
    expect(events.at(-1)).toEqual({ kind: "reused", results: 3 * 13 });
  });

  test("another seed measures anew", async () => {
    const data = indexOf(rows[0]!);
    const events: EvaluationEvent[] = [];
    await run({ data, out, seed: 2 }, { onEvent: (event) => events.push(event) });
    expect(events.filter(({ kind }) => kind !== "chosen")).toEqual([
      { kind: "files", pass: "files", done: 1, total: 1 },
    ]);
  });
});
