// npm run reproduce: trains a model anew from its data, stage by stage, and compares what it scores with what the model's
// folder says. Ctrl-C saves; the same command goes on. Writes reproduction.json, which the card tells of, into --out.
//   npm run reproduce -- --data images/index.csv,videos/index.csv [--model models/face] [--out runs/reproduce] [--cache cache]
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultModelDir, readManifest } from "../src/networks/index.ts";
import { indexSha256 } from "../src/training/data-index.ts";
import type { TrainingEvent } from "../src/training/detector/training-event.ts";
import { splitNames } from "../src/training/names.ts";
import { type Reproduction, readEvaluations } from "./card/measurements.ts";
import { compareFigures, isOff } from "./reproduction/compare.ts";
import { type IndexFile, readStages, trainStages } from "./reproduction/stages.ts";

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
const stages = await readStages(values.model);
const documents = (await readEvaluations(values.model, manifest.weights.sha256)).filter(
  ({ leaveOneOut, attack }) => leaveOneOut === null && attack === null,
);
// Before hours of training, not after.
for (const needed of [...stages.flatMap(({ data }) => data), ...documents.map(({ data }) => data)])
  pathOf(needed);

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const { out, cache } = values;
const shared = { out, pathOf, signal: stop.signal };
await mkdir(out, { recursive: true });
const trained = await trainStages(stages, { ...shared, cache, modelVersion: manifest.version, event: say });
if (trained === null) process.exit(130);
const { sha256 } = (await readManifest(trained.model)).weights;
if (sha256 === manifest.weights.sha256) console.log("weights: the same to the last bit");

const figures = await compareFigures(trained.model, documents, shared);
for (const figure of figures) {
  const { name, shipped, now } = figure;
  console.log(`${name}: ${inWords(shipped)} shipped, ${inWords(now)} now${isOff(figure) ? " (off)" : ""}`);
}
const reproduction: Reproduction = {
  schema: 1,
  shipped: manifest.weights.sha256,
  now: sha256,
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? "an unknown CPU"}`,
  stages: trained.times,
  figures,
};
await writeFile(join(out, "reproduction.json"), `${JSON.stringify(reproduction, null, 2)}\n`);
process.exitCode = figures.some((figure) => figure.isHeldTo && isOff(figure)) ? 1 : 0;

function inWords(auc: number | null): string {
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
