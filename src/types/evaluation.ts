import { z } from "zod";

/** Version of evaluation.json; increased when a field changes its meaning or is removed. */
export const EVALUATION_SCHEMA = 3;

const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]).readonly();

const measureSchema = z
  .strictObject({
    value: z.number().nullable().describe("Null if undefined, e.g. with one class only"),
    interval: interval.nullable().describe("95% interval, by bootstrap over groups"),
  })
  .readonly();

/** Metrics of a comparison. */
export const measureNames = [
  "auc",
  "frameAuc",
  "averagePrecision",
  "equalErrorRate",
  "tprAt1",
  "tprAt5",
  "balancedAccuracy",
  "abstention",
  "calibrationError",
  "calibrationErrorAsCounted",
  "brier",
] as const;
export type MeasureName = (typeof measureNames)[number];

const comparisonSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  generator: z.string().nullable().describe("Null for all fakes of the source"),
  hasOwnReals: z.boolean().describe("Whether the reals are from the same source; else from all sources"),
  isSourceSeen: z.boolean().describe("Whether the model was trained on a source with this name"),
  reals: count,
  fakes: count,
  groups: count,
  measures: z.record(z.enum(measureNames), measureSchema),
  roc: list(z.tuple([share, share]))
    .nullable()
    .describe("[false-positive rate, true-positive rate], thinned"),
  reliability: list(z.strictObject({ count, weight: z.number(), stated: share, real: share })).describe(
    "Predicted and observed fraction of reals in up to 15 bins of authenticity, with balanced classes",
  ),
});

const calibrationSchema = z.strictObject({
  reals: count,
  fakes: count,
  calibrationError: measureSchema.describe(
    "ECE over all files, with the weights of the calibration: balanced classes, sources by the square root of their size",
  ),
  brier: measureSchema,
});

const verdictCountSchema = z.strictObject({
  source: z.string(),
  label: z.enum(["real", "fake"]),
  files: count,
  authentic: count,
  forged: count,
  inconclusive: count,
  scored: count.describe("Files with an authenticity"),
  noFace: count,
  tooSmall: count.describe("All faces too small to be scored"),
  failed: count.describe("Files that could not be analysed"),
  forgedInterval: interval.nullable().describe("95% interval of the fraction called forged (Wilson 1927)"),
});

const flipSchema = z.strictObject({
  source: z.string().nullable().describe("Null: all files together"),
  label: z.enum(["real", "fake"]).nullable(),
  files: count,
  contradicted: count.describe(
    "Verdicts that changed from forged to authentic or back, as in `detect --stability`",
  ),
  changed: count.describe("All changed verdicts, including inconclusive"),
  contradictedInterval: interval.nullable(),
});

const robustnessSchema = z.strictObject({
  limit: count.describe("Maximum number of files per source and label"),
  changes: list(
    z.strictObject({
      name: z.string(),
      failed: count,
      comparisons: list(
        z.strictObject({
          name: z.string(),
          reals: count,
          fakes: count,
          auc: measureSchema,
          aucBefore: measureSchema.describe("AUC of the same files without the perturbation"),
        }),
      ),
      flips: list(flipSchema),
    }),
  ),
});

const shortcutsSchema = z.strictObject({
  limit: count,
  comparisons: list(
    z.strictObject({
      name: z.string(),
      reals: count,
      fakes: count,
      metadata: measureSchema.describe(
        "AUC of a classifier that uses metadata only, cross-validated over groups",
      ),
      metadataWithinGroups: z.number().nullable().describe("The same, over pairs within a group"),
      tellingTraits: list(z.strictObject({ name: z.string(), auc: share })).describe(
        "Single traits with the highest AUC",
      ),
      isHeadline: z.boolean().describe("Whether the AUC of metadata alone is within 0.4 to 0.6"),
      faces: measureSchema.describe("AUC of the network on face crops, one per file"),
      maskedFaces: measureSchema.describe("The same with masked faces"),
      before: measureSchema.describe("AUC of the detector on the same files before normalisation"),
      madeAlike: measureSchema.describe("AUC after normalisation of size and JPEG quality"),
    }),
  ),
  leftOut: list(z.string()).describe("Names of the comparisons in which metadata reveals the label"),
});

const attributesSchema = z.strictObject({
  keys: list(
    z.strictObject({
      name: z.string(),
      values: list(
        z.strictObject({
          value: z.string(),
          files: count,
          forged: count,
          inconclusive: count,
          interval: interval.describe("95% interval of the fraction called forged (Wilson 1927)"),
        }),
      ),
      gap: z
        .strictObject({
          highest: z.string(),
          lowest: z.string(),
          value: share,
          interval: interval.nullable().describe("95% interval, by bootstrap over groups"),
          byChance: share.describe("Mean gap after random permutations of the values"),
          p: share.describe("Fraction of permutations with a gap at least as large"),
        })
        .nullable()
        .describe(
          "Largest difference between the false-positive rates of two values; null with fewer than two values",
        ),
    }),
  ),
});

const attackSchema = z.strictObject({
  limit: count,
  pgdSteps: count,
  comparisons: list(
    z.strictObject({
      name: z.string(),
      reals: count,
      fakes: count,
      trials: list(
        z.strictObject({
          method: z.enum(["none", "fgsm", "pgd"]),
          epsilon: z.number().describe("Maximum change of a pixel value, of 255"),
          auc: z.number().nullable(),
          fakesCalledAuthentic: share.nullable(),
          realsCalledForged: share.nullable(),
          fakesTurned: share
            .nullable()
            .describe("Fraction of the fakes called forged before that are called authentic now"),
          realsTurned: share
            .nullable()
            .describe("Fraction of the reals called authentic before that are called forged now"),
        }),
      ),
    }),
  ),
});

const thresholdsSchema = z.strictObject({ forgedBelow: share, authenticAbove: share });

/** evaluation.json, written by `telltale evaluate --out`. */
export const evaluationSchema = z.strictObject({
  schema: z.literal(EVALUATION_SCHEMA),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  command: z.string().describe("The command, with shortened paths"),
  model: z.strictObject({ name: z.string(), version: z.string(), sha256: z.string() }),
  thresholds: thresholdsSchema,
  clipThresholds: thresholdsSchema.optional().describe("Thresholds of videos, if they differ"),
  data: z.strictObject({
    name: z.string(),
    sha256: z.string(),
    files: count,
    leftOut: count
      .nullable()
      .optional()
      .describe("Excluded rows, because the model was trained on the file or its group; null if unknown"),
    includesTrainedOn: z.boolean().optional().describe("Whether --include-trained-on was set"),
  }),
  options: z.strictObject({
    frames: z.number().nullable(),
    fps: z.number().nullable(),
    backend: z.string().describe("TensorFlow backend"),
    seed: z.int(),
  }),
  comparisons: list(comparisonSchema),
  calibration: calibrationSchema
    .nullable()
    .default(null)
    .describe("Calibration over all files; null with one class only"),
  verdicts: list(verdictCountSchema),
  robustness: robustnessSchema.nullable(),
  shortcuts: shortcutsSchema.nullable(),
  attributes: attributesSchema.nullable(),
  attack: attackSchema.nullable(),
});

export type EvaluationDocument = z.infer<typeof evaluationSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
export type Calibration = z.infer<typeof calibrationSchema>;
export type Measure = z.infer<typeof measureSchema>;
export type VerdictCount = z.infer<typeof verdictCountSchema>;
export type Flip = z.infer<typeof flipSchema>;
export type Robustness = z.infer<typeof robustnessSchema>;
export type Shortcuts = z.infer<typeof shortcutsSchema>;
export type Attributes = z.infer<typeof attributesSchema>;
export type Attack = z.infer<typeof attackSchema>;
