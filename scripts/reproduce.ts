// npm run reproduce: trains the shipped model anew from its data, stage by stage, and compares what it scores with what
// the model's folder says. Ctrl-C saves; the same command goes on.
//   npm run reproduce -- --data images/index.csv,videos/index.csv [--out runs/reproduce] [--cache cache]
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDetector } from "../src/detection/detect.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import { evaluateOptionsSchema } from "../src/evaluation/options.ts";
import { defaultModelDir, readManifest } from "../src/networks/index.ts";
import { trainDetectorOptionsSchema } from "../src/training/detector/detector-options.ts";
import { trainDetector } from "../src/training/detector/train-detector.ts";
import type { TrainingEvent } from "../src/training/detector/training-event.ts";
import { readEvaluations } from "./card/measurements.ts";

/** A figure that is further off than this was not reproduced. */
const MAX_GAP = 0.01;

interface Stage {
  readonly data: readonly { readonly name: string; readonly sha256: string }[];
  readonly [option: string]: unknown;
}

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "runs/reproduce" },
    cache: { type: "string", default: "cache" },
  },
});
if (values.data === undefined)
  throw new Error("Expected --data INDEX[,INDEX], the indexes that it was trained on.");
const indexes = new Map<string, string>();
for (const path of values.data.split(",")) {
  indexes.set(
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
    path,
  );
}

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const training = join(defaultModelDir, "training");
const { version } = await readManifest(defaultModelDir);
let model = "";
for (const name of (await readdir(training)).sort()) {
  const stage = JSON.parse(await readFile(join(training, name, "options.json"), "utf8")) as Stage;
  const { data, from, beside, ...options } = stage;
  const out = join(values.out, name);
  if (existsSync(join(out, "model/manifest.json"))) {
    model = join(out, "model");
    continue;
  }
  const began = performance.now();
  const trained = await trainDetector(
    trainDetectorOptionsSchema.parse({
      ...options,
      data: data.map(pathOf).join(","),
      // A later stage begins with what the stage before it made, or stands beside it.
      ...(beside ? { from, beside: model } : { from: model === "" ? from : model }),
      out,
      modelVersion: version,
      cache: values.cache,
      resume: existsSync(join(out, "options.json")),
    }),
    { event: say, signal: stop.signal },
  );
  if (trained === null) process.exit(130);
  console.log(`stage ${name}: ${((performance.now() - began) / 3_600_000).toFixed(2)} h`);
  model = trained;
}

const { weights } = await readManifest(defaultModelDir);
const shipped = await readEvaluations(defaultModelDir, weights.sha256);
const detector = await openDetector({ model, workers: availableParallelism() });
let isReproduced = true;
for (const document of shipped.filter(({ leaveOneOut, attack }) => leaveOneOut === null && attack === null)) {
  const options = evaluateOptionsSchema.parse({
    data: pathOf(document.data),
    out: join(values.out, "evaluation", document.data.sha256.slice(0, 12)),
  });
  const result = await evaluate(detector, options, { signal: stop.signal });
  for (const { name, fakes, measures } of document.comparisons) {
    const now = result.document.comparisons.find((comparison) => comparison.name === name)?.measures.auc
      .value;
    const then = measures.auc.value;
    if (then === null || now === undefined || now === null) continue;
    // One file more or less moves the AUC of a handful of fakes by more than that.
    const counts = fakes >= 100;
    const isOff = Math.abs(now - then) > MAX_GAP;
    if (counts && isOff) isReproduced = false;
    console.log(`${name}: ${then.toFixed(3)} shipped, ${now.toFixed(3)} now${isOff ? " (off)" : ""}`);
  }
}
await detector.close();
process.exitCode = isReproduced ? 0 : 1;

/** The path of an index that was trained on, told by its hash. */
function pathOf({ name, sha256 }: { readonly name: string; readonly sha256: string }): string {
  const path = indexes.get(sha256);
  if (path === undefined) {
    throw new Error(
      `Expected the ${name} with the SHA-256 ${sha256} in --data, but none of its files is that.`,
    );
  }
  return path;
}

function say(event: TrainingEvent): void {
  if (!("step" in event)) return;
  const auc = event.kind === "validated" ? ` AUC ${event.auc.mean?.toFixed(3)}` : "";
  const loss = event.kind === "step" ? ` loss ${event.loss.toFixed(4)}` : "";
  console.error(`${event.kind} at step ${event.step}${loss}${auc}`);
}
