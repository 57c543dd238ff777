import { z } from "zod";

/** Raised whenever a field of evaluation.json changes its meaning or goes away. */
export const EVALUATION_SCHEMA = 3;

const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]).readonly();

const measureSchema = z
  .strictObject({
    value: z.number().nullable().describe("Null where it is undefined, e.g. with one class only"),
    interval: interval.nullable().describe("95%, by bootstrap over groups"),
  })
  .readonly();

/** What is measured of every comparison. */
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
  hasOwnReals: z.boolean().describe("Whether the reals are of the same source; else those of all sources"),
  isSourceSeen: z.boolean().describe("Whether the model was trained on a source of this name"),
  reals: count,
  fakes: count,
  groups: count,
  measures: z.record(z.enum(measureNames), measureSchema),
  roc: list(z.tuple([share, share]))
    .nullable()
    .describe("[false-positive rate, share of fakes caught], thinned"),
  reliability: list(z.strictObject({ count, weight: z.number(), stated: share, real: share })).describe(
    "Stated and true share of reals in up to 15 bins of authenticity, both classes weighing alike",
  ),
});

const calibrationSchema = z.strictObject({
  reals: count,
  fakes: count,
  calibrationError: measureSchema.describe(
    "ECE over all files, both classes weighing alike and sources by the square root of their size, as in the calibration",
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
  failed: count.describe("Files that could not be looked at"),
  forgedInterval: interval.nullable().describe("95% interval of the share called forged (Wilson 1927)"),
});

const flipSchema = z.strictObject({
  source: z.string().nullable().describe("Null for all files together"),
  label: z.enum(["real", "fake"]).nullable(),
  files: count,
  contradicted: count.describe(
    "forged became authentic, or authentic forged: what `detect --stability` calls a flip",
  ),
  changed: count.describe("Any other verdict than before, inconclusive included"),
  contradictedInterval: interval.nullable(),
});

const robustnessSchema = z.strictObject({
  limit: count.describe("Files per source and label at most"),
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
          aucBefore: measureSchema.describe("Of the same files as they are"),
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
        "AUC of a classifier that sees the file's metadata only, cross-validated over groups",
      ),
      metadataWithinGroups: z.number().nullable().describe("The same over pairs of one group only"),
      tellingTraits: list(z.strictObject({ name: z.string(), auc: share })).describe(
        "Single traits that tell most",
      ),
      isHeadline: z.boolean().describe("Whether metadata alone stays within 0.4 to 0.6"),
      faces: measureSchema.describe("AUC of the network on face crops, one a file"),
      maskedFaces: measureSchema.describe("The same with the face greyed out"),
      before: measureSchema.describe("AUC of the detector on the files that were made alike"),
      madeAlike: measureSchema.describe("The same after all were brought to one size and one JPEG"),
    }),
  ),
  leftOut: list(z.string()).describe("Names of the comparisons that are no headline"),
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
          interval: interval.describe("95% interval of the share called forged (Wilson 1927)"),
        }),
      ),
      gap: z
        .strictObject({
          highest: z.string(),
          lowest: z.string(),
          value: share,
          interval: interval.nullable().describe("95%, by bootstrap over groups"),
          byChance: share.describe("Mean gap when the values are dealt out at random"),
          p: share.describe("Share of random deals with a gap at least as large"),
        })
        .nullable()
        .describe("Largest difference of two values' false-positive rates; null with fewer than two values"),
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
          epsilon: z.number().describe("Largest change of a value of a pixel, of 255"),
          auc: z.number().nullable(),
          fakesCalledAuthentic: share.nullable(),
          realsCalledForged: share.nullable(),
          fakesTurned: share
            .nullable()
            .describe("Of the fakes called forged before, the share now called authentic"),
          realsTurned: share
            .nullable()
            .describe("Of the reals called authentic before, the share now called forged"),
        }),
      ),
    }),
  ),
});

const thresholdsSchema = z.strictObject({ forgedBelow: share, authenticAbove: share });

/** evaluation.json: what `telltale evaluate --out` writes, the HTML report shows and the model card quotes. */
export const evaluationSchema = z.strictObject({
  schema: z.literal(EVALUATION_SCHEMA),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  command: z.string().describe("What measured it, paths cut to their last parts"),
  model: z.strictObject({ name: z.string(), version: z.string(), sha256: z.string() }),
  thresholds: thresholdsSchema,
  clipThresholds: thresholdsSchema.optional().describe("Those of clips, where they have their own"),
  data: z.strictObject({
    name: z.string(),
    sha256: z.string(),
    files: count,
    leftOut: count
      .nullable()
      .optional()
      .describe("Rows left out: the model was trained on the file or its group; null when it does not say"),
    includesTrainedOn: z.boolean().optional().describe("Whether --include-trained-on kept such rows"),
  }),
  options: z.strictObject({
    frames: z.number().nullable(),
    fps: z.number().nullable(),
    backend: z.string().describe("What computed"),
    seed: z.int(),
  }),
  comparisons: list(comparisonSchema),
  calibration: calibrationSchema
    .nullable()
    .default(null)
    .describe("Of all files together; null where there is one class only"),
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
