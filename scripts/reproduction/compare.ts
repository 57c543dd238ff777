import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openDetector } from "../../src/detection/detect.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { evaluateOptionsSchema } from "../../src/evaluation/options.ts";
import type { EvaluationDocument } from "../../src/evaluation/schema.ts";
import type { Reproduction } from "../card/measurements.ts";
import type { IndexFile } from "./stages.ts";

/** A figure that is further off than this was not reproduced. */
const MAX_GAP = 0.01;
/** Of fewer fakes, one file more or less moves the AUC by about as much: such figures are shown and not held to. */
const LEAST_FAKES = 100;

/** What a model scored when it shipped, and what the one made anew scores. */
export type ComparedFigure = Reproduction["figures"][number];

/** Evaluates a model on the indexes of the documents, as they were made but for their extra parts. */
export async function compareFigures(
  model: string,
  documents: readonly EvaluationDocument[],
  options: {
    readonly out: string;
    readonly pathOf: (index: IndexFile) => string;
    readonly signal: AbortSignal;
  },
): Promise<ComparedFigure[]> {
  const detector = await openDetector({ model, workers: availableParallelism() });
  const figures: ComparedFigure[] = [];
  try {
    for (const { data, comparisons } of documents) {
      const evaluateOptions = evaluateOptionsSchema.parse({
        data: options.pathOf(data),
        out: join(options.out, "evaluation", data.sha256.slice(0, 12)),
      });
      const { document } = await evaluate(detector, evaluateOptions, { signal: options.signal });
      for (const { name, fakes, measures } of comparisons) {
        const again = document.comparisons.find((comparison) => comparison.name === name);
        figures.push({
          name,
          fakes,
          shipped: measures.auc.value,
          now: again?.measures.auc.value ?? null,
          isHeldTo: fakes >= LEAST_FAKES,
        });
      }
    }
  } finally {
    await detector.close();
  }
  return figures;
}

/** Whether a figure is further from the shipped one than it may be. */
export function isOff({ shipped, now }: ComparedFigure): boolean {
  return shipped !== null && (now === null || Math.abs(now - shipped) > MAX_GAP);
}
