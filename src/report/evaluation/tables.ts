import type {
  Attack,
  Attributes,
  Calibration,
  Comparison,
  EvaluationDocument,
  Flip,
  Measure,
  Robustness,
  Shortcuts,
  VerdictCount,
} from "../../types/evaluation.ts";

/** A table for people: the terminal, the HTML report and the model card show the same ones. */
export interface Table {
  readonly title: string;
  /** What the columns mean, one or two sentences; empty where they say it themselves. */
  readonly note: string;
  /** The first row is the head, the first column names the row. */
  readonly rows: readonly (readonly string[])[];
}

/** All tables of an evaluation, in the order of reading. */
export function evaluationTables(document: EvaluationDocument): Table[] {
  const { comparisons, calibration, verdicts, robustness, shortcuts, attributes, attack } = document;
  return [
    ...(comparisons.length > 0 ? [comparisonTable(comparisons), qualityTable(comparisons)] : []),
    ...(calibration ? [calibrationTable(calibration)] : []),
    verdictTable(verdicts),
    ...(robustness ? [robustnessTable(robustness), flipTable(robustness)] : []),
    ...(shortcuts ? [shortcutsTable(shortcuts)] : []),
    ...(attributes ? attributeTables(attributes) : []),
    ...(attack ? [attackTable(attack)] : []),
  ];
}

/** How well reals and fakes are told apart. */
export function comparisonTable(comparisons: readonly Comparison[]): Table {
  return {
    title: "How well fakes are told from reals",
    note: "AUC: the chance that a real gets a higher authenticity than a fake; 0.5 is a coin. In brackets: 95% intervals, by bootstrap over groups.",
    rows: [
      [
        "fakes of",
        "source",
        "real",
        "fake",
        "AUC",
        "AUC of single frames",
        "caught at 1% false alarms",
        "at 5%",
      ],
      ...comparisons.map(({ name, isSourceSeen, reals, fakes, measures }) => [
        name,
        isSourceSeen ? "seen, other groups" : "never seen",
        String(reals),
        String(fakes),
        measured(measures.auc),
        measured(measures.frameAuc),
        measuredShare(measures.tprAt1),
        measuredShare(measures.tprAt5),
      ]),
    ],
  };
}

/** Everything else that is measured of a comparison. */
export function qualityTable(comparisons: readonly Comparison[]): Table {
  return {
    title: "Precision, errors and calibration",
    note: "AP: average precision, forged being what is looked for. EER: equal error rate. Balanced accuracy: at the threshold below which files are called forged. ECE and Brier: gap between stated and true chance of being authentic, both classes weighing alike as in the calibration, and for ECE also as counted.",
    rows: [
      ["fakes of", "AP", "EER", "balanced accuracy", "inconclusive", "ECE", "ECE as counted", "Brier"],
      ...comparisons.map(({ name, measures }) => [
        name,
        measured(measures.averagePrecision),
        measuredShare(measures.equalErrorRate),
        measuredShare(measures.balancedAccuracy),
        measuredShare(measures.abstention),
        measured(measures.calibrationError),
        decimals(measures.calibrationErrorAsCounted.value),
        measured(measures.brier),
      ]),
    ],
  };
}

/** What a stated chance is worth, over everything. */
export function calibrationTable({ reals, fakes, calibrationError, brier }: Calibration): Table {
  return {
    title: "What a stated chance is worth",
    note: "Over all files, both classes weighing alike and sources by the square root of their size, as in the calibration. A kind of fake that is told better or worse than the mean has stated chances that are too cautious or too bold: see above.",
    rows: [
      ["over", "real", "fake", "ECE", "Brier"],
      ["all files", String(reals), String(fakes), measured(calibrationError), measured(brier)],
    ],
  };
}

/** What verdicts were given. */
export function verdictTable(verdicts: readonly VerdictCount[]): Table {
  return {
    title: "Verdicts",
    note: "Scored: files with an authenticity; the others had no face, only small ones, or could not be looked at. In brackets: 95% interval (Wilson).",
    rows: [
      [
        "source",
        "label",
        "files",
        "authentic",
        "forged",
        "share forged",
        "inconclusive",
        "scored",
        "no face",
        "too small",
        "failed",
      ],
      ...verdicts.map((v) => [
        ...[v.source, v.label, String(v.files), String(v.authentic), String(v.forged)],
        `${percent(v.files === v.failed ? null : v.forged / (v.files - v.failed))}${range(v.forgedInterval, percent)}`,
        ...[v.inconclusive, v.scored, v.noFace, v.tooSmall, v.failed].map(String),
      ]),
    ],
  };
}

/** AUC under each change. */
export function robustnessTable({ changes, limit }: Robustness): Table {
  const names = changes[0]?.comparisons.map(({ name }) => name) ?? [];
  return {
    title: "AUC of changed copies",
    note: `Of at most ${limit} files of each source and label. Blur: Gaussian, sigma 1.5 pixels; noise: normal, deviation 8 of 255; H.264: x264, preset veryfast, a picture as a clip of one frame.`,
    rows: [
      ["change", ...names],
      ["none", ...(changes[0]?.comparisons.map(({ aucBefore }) => measured(aucBefore)) ?? [])],
      ...changes.map(({ name, comparisons }) => [name, ...comparisons.map(({ auc }) => measured(auc))]),
    ],
  };
}

/** How many verdicts each change turns. */
export function flipTable({ changes }: Robustness): Table {
  const all = (flips: readonly Flip[]) => flips.find((flip) => flip.source === null)!;
  const sources = (flips: readonly Flip[]) =>
    flips
      .filter((flip) => flip.source !== null && flip.changed > 0)
      .map((flip) => `${flip.source} ${flip.label} ${flip.contradicted}/${flip.changed} of ${flip.files}`)
      .join(", ");
  return {
    title: "Verdicts that a change turns",
    note: "Flipped: forged became authentic or authentic forged. Changed: any other verdict than before, inconclusive included. By source: flipped / changed of all.",
    rows: [
      ["change", "files", "flipped", "changed", "failed", "by source"],
      ...changes.map(({ name, flips, failed }) => {
        const { files, contradicted, changed, contradictedInterval } = all(flips);
        const share = (count: number) => percent(files === 0 ? null : count / files);
        return [
          name,
          String(files),
          `${share(contradicted)}${range(contradictedInterval, percent)}`,
          share(changed),
          String(failed),
          sources(flips) || "none",
        ];
      }),
    ],
  };
}

/** What else than the face tells fakes from reals. */
export function shortcutsTable({ comparisons, limit, leftOut }: Shortcuts): Table {
  const sentence =
    leftOut.length === 0
      ? "Metadata alone stays within 0.4 to 0.6 everywhere."
      : `Metadata alone leaves 0.4 to 0.6 for ${leftOut.join(", ")}: left out of the headline, since there a detector could look good without looking at faces.`;
  return {
    title: "Shortcuts",
    note: `AUC. Metadata alone, of all files: a logistic regression on size, format, JPEG tables, rates; five folds over groups; in groups: over pairs of one group. The rest is of at most ${limit} files of each source and label. Surroundings: the network on the crop with the face greyed out. Made alike: one size and JPEG 75 for all, before detection. ${sentence}`,
    rows: [
      [
        "fakes of",
        "headline",
        "metadata alone",
        "in groups",
        "by",
        "face crops",
        "surroundings",
        "as they are",
        "made alike",
      ],
      ...comparisons.map((c) => [
        c.name,
        c.isHeadline ? "yes" : "no",
        measured(c.metadata),
        decimals(c.metadataWithinGroups),
        c.tellingTraits.map(({ name, auc }) => `${name} ${decimals(auc)}`).join(", "),
        ...[c.faces, c.maskedFaces, c.before, c.madeAlike].map(measured),
      ]),
    ],
  };
}

/** False-positive rates of groups of people: one table an attribute. */
export function attributeTables({ keys }: Attributes): Table[] {
  return keys.map(({ name, values, gap }) => ({
    title: `Authentic files called forged, by ${name}`,
    note: gap
      ? `Largest gap, of groups of 20 files or more: ${points(gap.value)}${range(gap.interval, points)}, between ${gap.highest} and ${gap.lowest}; dealt out at random the same files give ${points(gap.byChance)} on average, and as much as this or more ${percent(gap.p)} of the time.`
      : "Too few files for a gap: fewer than two groups have 20.",
    rows: [
      [name, "files", "called forged", "share", "inconclusive"],
      ...values.map(({ value, files, forged, inconclusive, interval }) => [
        value,
        String(files),
        String(forged),
        `${percent(forged / files)}${range(interval, percent)}`,
        percent(inconclusive / files),
      ]),
    ],
  }));
}

/** What is left under attack. */
export function attackTable({ comparisons, limit, pgdSteps }: Attack): Table {
  return {
    title: "Attacks by somebody who has the model",
    note: `On at most ${limit} face crops of each source and label, each judged by itself; the largest change of a value is 1, 2 or 4 of 255. FGSM: one step along the gradient's signs; PGD: ${pgdSteps} steps from a random start.`,
    rows: [
      [
        "fakes of",
        "attack",
        "AUC",
        "fakes called authentic",
        "reals called forged",
        "forged turned authentic",
        "authentic turned forged",
      ],
      ...comparisons.flatMap(({ name, trials }) =>
        trials.map((trial) => [
          name,
          trial.method === "none" ? "none" : `${trial.method.toUpperCase()}, ${trial.epsilon}/255`,
          decimals(trial.auc),
          percent(trial.fakesCalledAuthentic),
          percent(trial.realsCalledForged),
          percent(trial.fakesTurned),
          percent(trial.realsTurned),
        ]),
      ),
    ],
  };
}

/** Shown for a figure that has no honest interval. */
const TOO_FEW = " (too few for an interval)";

function measured({ value, interval }: Measure): string {
  return `${decimals(value)}${value === null || interval ? range(interval, decimals) : TOO_FEW}`;
}

function measuredShare({ value, interval }: Measure): string {
  return `${percent(value)}${value === null || interval ? range(interval, percent) : TOO_FEW}`;
}

function range(interval: readonly [number, number] | null, show: (value: number) => string): string {
  return interval === null ? "" : ` (${show(interval[0])} to ${show(interval[1])})`;
}

function decimals(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(1)}%`;
}

function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
