import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EvaluationDocument, evaluationSchema } from "../../src/evaluation/schema.ts";
import { defaultModelDir } from "../../src/networks/index.ts";

const committed = readFileSync(join(defaultModelDir, "evaluation/images.json"), "utf8");

/** The shipped model's evaluation on images, with every part that an evaluation can have. */
export function sampleDocument(): EvaluationDocument {
  const document = evaluationSchema.parse(JSON.parse(committed));
  const measure = (value: number) => ({ value, interval: [value - 0.02, value + 0.02] as [number, number] });
  const [reals, fakes] = [30, 40];
  const names = document.comparisons.map(({ name }) => name);
  const flip = {
    files: 70,
    contradicted: 2,
    changed: 9,
    contradictedInterval: [0.01, 0.1] as [number, number],
  };
  return {
    ...document,
    robustness: {
      limit: 100,
      changes: ["jpeg-90", "jpeg-30", "half-size", "blur", "h264-crf-35"].map((name, i) => ({
        name,
        failed: 0,
        comparisons: names.map((source, c) => ({
          ...{ name: source, reals, fakes, aucBefore: measure(0.9) },
          auc: measure(0.9 - 0.03 * i - 0.02 * c),
        })),
        flips: [
          { source: null, label: null, ...flip },
          { source: "dfdc", label: "fake" as const, ...flip },
        ],
      })),
    },
    shortcuts: {
      limit: 100,
      leftOut: [names[1]!],
      comparisons: names.map((name, i) => ({
        ...{ name, reals, fakes, metadata: measure(0.5 + 0.3 * i), metadataWithinGroups: null },
        ...{ tellingTraits: [{ name: "bytes", auc: 0.6 }], isHeadline: i === 0 },
        ...{ faces: measure(0.9), maskedFaces: measure(0.6), before: measure(0.9), madeAlike: measure(0.85) },
      })),
    },
    attributes: {
      keys: [
        {
          name: "age",
          values: [
            { value: "18 to 29", files: 60, forged: 1, inconclusive: 9, interval: [0.003, 0.09] },
            { value: "from 60", files: 50, forged: 3, inconclusive: 9, interval: [0.02, 0.16] },
          ],
          gap: {
            highest: "from 60",
            lowest: "18 to 29",
            value: 0.043,
            interval: [0, 0.12],
            byChance: 0.03,
            p: 0.3,
          },
        },
      ],
    },
    attack: {
      limit: 50,
      pgdSteps: 10,
      comparisons: names.map((name) => ({
        ...{ name, reals, fakes },
        trials: (["none", "fgsm", "pgd"] as const).map((method, i) => ({
          ...{ method, epsilon: i, auc: 0.9 - 0.4 * i, fakesCalledAuthentic: 0.1, realsCalledForged: 0.1 },
          ...{ fakesTurned: 0.5 * i, realsTurned: null },
        })),
      })),
    },
    leaveOneOut: {
      steps: 600,
      rows: [{ generator: "stylegan", reals, fakes, unseen: measure(0.6), seen: measure(0.8) }],
    },
  };
}
