// npm run reproduce: trains a model anew from its data, stage by stage, and compares what it scores with what the model's
// folder says. Ctrl-C saves; the same command goes on.
//   npm run reproduce -- --data images/index.csv,videos/index.csv [--model models/face] [--out runs/reproduce] [--cache cache]
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDetector } from "../src/detection/detect.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import { evaluateOptionsSchema } from "../src/evaluation/options.ts";
import type { EvaluationDocument } from "../src/evaluation/schema.ts";
import { defaultModelDir, readManifest } from "../src/networks/index.ts";
import { indexSha256 } from "../src/training/data-index.ts";
import { trainDetectorOptionsSchema } from "../src/training/detector/detector-options.ts";
import { trainDetector } from "../src/training/detector/train-detector.ts";
import type { TrainingEvent } from "../src/training/detector/training-event.ts";
import { splitNames } from "../src/training/names.ts";
import { readEvaluations } from "./card/measurements.ts";

/** A figure that is further off than this was not reproduced. */
const MAX_GAP = 0.01;
/** Of fewer fakes, one file more or less moves the AUC by about as much: such figures are shown and not held to. */
const LEAST_FAKES = 100;

interface IndexFile {
  readonly name: string;
  readonly sha256: string;
}

interface Stage {
  readonly name: string;
  readonly data: readonly IndexFile[];
  readonly from: string;
  readonly beside?: string;
  readonly [option: string]: unknown;
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    model: { type: "string", default: defaultModelDir },
    out: { type: "string", default: "runs/reproduce" },
    cache: { type: "string", default: "cache" },
  },
});
if (values.data === undefined)
  throw new Error("Expected --data INDEX[,INDEX], the indexes that it was trained and measured on.");
const indexes = new Map<string, string>();
for (const path of splitNames(values.data)) indexes.set(await indexSha256(path), path);

const manifest = await readManifest(values.model);
const stages = await readStages(join(values.model, "training"));
const documents = (await readEvaluations(values.model, manifest.weights.sha256)).filter(
  ({ leaveOneOut, attack }) => leaveOneOut === null && attack === null,
);
// Before hours of training, not after.
for (const needed of [...stages.flatMap(({ data }) => data), ...documents.map(({ data }) => data)])
  pathOf(needed);

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const model = await trainStages(stages);
if (model === null) process.exit(130);
const { sha256 } = (await readManifest(model)).weights;
if (sha256 === manifest.weights.sha256) console.log("weights: the same to the last bit");
process.exitCode = (await measure(model, documents)) ? 0 : 1;

async function readStages(folder: string): Promise<Stage[]> {
  return Promise.all(
    (await readdir(folder)).sort().map(async (name): Promise<Stage> => {
      const options = JSON.parse(await readFile(join(folder, name, "options.json"), "utf8"));
      return { ...options, name };
    }),
  );
}

/** @returns the folder of the last stage's model; null when it was stopped */
async function trainStages(stages: readonly Stage[]): Promise<string | null> {
  let before: string | null = null;
  for (const { name, data, from, beside, ...options } of stages) {
    const out = join(values.out, name);
    if (!existsSync(join(out, "model/manifest.json"))) {
      const began = performance.now();
      // A later stage begins with what the stage before it made, or stands beside it.
      const start = beside ? { from, beside: before } : { from: before ?? from };
      const trained = await trainDetector(
        trainDetectorOptionsSchema.parse({
          ...options,
          ...start,
          data: data.map(pathOf).join(","),
          out,
          modelVersion: manifest.version,
          cache: values.cache,
          resume: existsSync(join(out, "options.json")),
        }),
        { event: say, signal: stop.signal },
      );
      if (trained === null) return null;
      console.log(`stage ${name}: ${((performance.now() - began) / 3_600_000).toFixed(2)} h`);
    }
    before = join(out, "model");
  }
  if (before === null) throw new Error(`Expected folders of training runs in ${values.model}/training.`);
  return before;
}

/** Prints each AUC beside the one that shipped. @returns whether all that are held to are near enough */
async function measure(model: string, documents: readonly EvaluationDocument[]): Promise<boolean> {
  const detector = await openDetector({ model, workers: availableParallelism() });
  let isReproduced = true;
  try {
    for (const { data, comparisons } of documents) {
      const options = evaluateOptionsSchema.parse({
        data: pathOf(data),
        out: join(values.out, "evaluation", data.sha256.slice(0, 12)),
      });
      const now = (await evaluate(detector, options, { signal: stop.signal })).document.comparisons;
      for (const { name, fakes, measures } of comparisons) {
        const then = measures.auc.value;
        const again = now.find((comparison) => comparison.name === name)?.measures.auc.value ?? null;
        const isOff = then !== null && (again === null || Math.abs(again - then) > MAX_GAP);
        if (isOff && fakes >= LEAST_FAKES) isReproduced = false;
        console.log(`${name}: ${figure(then)} shipped, ${figure(again)} now${isOff ? " (off)" : ""}`);
      }
    }
  } finally {
    await detector.close();
  }
  return isReproduced;
}

function figure(auc: number | null): string {
  return auc === null ? "no AUC" : auc.toFixed(3);
}

/** The path of an index that was trained or measured on, told by its hash. */
function pathOf({ name, sha256 }: IndexFile): string {
  const path = indexes.get(sha256);
  if (path === undefined) {
    throw new Error(
      `Expected the ${name} with the SHA-256 ${sha256} in --data, but none of its files is that.`,
    );
  }
  return path;
}

function say(event: TrainingEvent): void {
  if (event.kind === "looking") console.error(`looked at ${event.done} of ${event.total} faces`);
  if (!("step" in event)) return;
  const auc = event.kind === "validated" ? ` AUC ${event.auc.mean?.toFixed(3)}` : "";
  const loss = event.kind === "step" ? ` loss ${event.loss.toFixed(4)}` : "";
  console.error(`${event.kind} at step ${event.step}${loss}${auc}`);
}
