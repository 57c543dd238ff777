import { EVALUATION_SCHEMA, type EvaluationDocument } from "../../src/types/evaluation.ts";

/** An evaluation on images, with every part that an evaluation can have. @param sha256 of the model's weights */
export function sampleDocument(sha256 = "0".repeat(64)): EvaluationDocument {
  const measure = (value: number) => ({ value, interval: [value - 0.02, value + 0.02] as [number, number] });
  const [reals, fakes] = [30, 40];
  const names = ["dfdc", "stylegan", "sd21 against reals of other sources"];
  const flip = {
    files: 70,
    contradicted: 2,
    changed: 9,
    contradictedInterval: [0.01, 0.1] as [number, number],
  };
  const measures = (auc: number) => ({
    ...{ auc: measure(auc), frameAuc: measure(auc), averagePrecision: measure(0.9) },
    ...{ equalErrorRate: measure(0.2), tprAt1: measure(0.3), tprAt5: measure(0.5) },
    ...{ balancedAccuracy: measure(0.6), abstention: measure(0.4), brier: measure(0.15) },
    ...{ calibrationError: measure(0.1), calibrationErrorAsCounted: measure(0.1) },
  });
  return {
    schema: EVALUATION_SCHEMA,
    tool: { name: "telltale", version: "0.1.0" },
    command: "telltale evaluate --data images/index.csv",
    model: { name: "face", version: "1.2.3", sha256 },
    thresholds: { forgedBelow: 0.2, authenticAbove: 0.7 },
    clipThresholds: { forgedBelow: 0.25, authenticAbove: 0.75 },
    data: { name: "images/index.csv", sha256: "1".repeat(64), files: 210 },
    options: { frames: 32, fps: null, backend: "wasm", seed: 1 },
    comparisons: names.map((name, i) => ({
      ...{ name, source: name.split(" ")[0]!, generator: null, hasOwnReals: i < 2, isSourceSeen: i === 0 },
      ...{ reals, fakes, groups: 50, measures: measures(0.95 - 0.1 * i) },
      roc: [
        [0, 0.2],
        [0.5, 0.9],
        [1, 1],
      ],
      reliability: [
        { count: 35, weight: 30, stated: 0.1, real: 0.15 },
        { count: 35, weight: 30, stated: 0.9, real: 0.85 },
      ],
    })),
    calibration: { reals: 90, fakes: 120, calibrationError: measure(0.05), brier: measure(0.1) },
    verdicts: (["real", "fake"] as const).map((label) => ({
      ...{ source: "dfdc", label, files: 40, scored: 38, noFace: 1, tooSmall: 1, failed: 0 },
      ...{ authentic: 20, forged: 4, inconclusive: 14, forgedInterval: [0.04, 0.25] as [number, number] },
    })),
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
  };
}
