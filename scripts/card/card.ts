import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EvaluationDocument } from "../../src/evaluation/schema.ts";
import { type ModelManifest, readManifest } from "../../src/networks/index.ts";
import { readAblation, readEvaluations, readReproduction } from "./measurements.ts";
import { ablationSection, evaluationSections, reproductionSection } from "./sections.ts";
import { trainingParagraph } from "./training.ts";

/** The model card of a model's folder: manifest.json, evaluation/*.json, ablation.json, reproduction.json and training/ in words. */
export async function formatCard(folder: string): Promise<string> {
  const manifest = await readManifest(folder);
  const evaluations = await readEvaluations(folder, manifest.weights.sha256);
  const ablation = await readAblation(folder);
  const reproduction = await readReproduction(folder, manifest.weights.sha256);
  const { size } = await stat(join(folder, manifest.weights.file));
  const about = await readFile(join(folder, "about.md"), "utf8");
  const parts = [
    head(manifest, size / 2),
    about.trim(),
    await trainingParagraph(folder, manifest),
    ...evaluationSections(evaluations),
    ...(ablation ? [ablationSection(ablation)] : []),
    ...(reproduction ? [reproductionSection(reproduction)] : []),
    misses(manifest, evaluations),
    use,
  ];
  return `${parts.join("\n\n")}\n`;
}

const STATISTICS = "mean and deviation over space of every channel of twelve blocks";
const OF_FACE = `${STATISTICS}, of the face in the middle of the crop`;
const HIDDEN = "standardised, one hidden layer of 256";
const THREE = `${HIDDEN}, three classes (authentic, altered, synthesised)`;
const FORM = ", and a quadratic form of the same values that looks for synthesised faces";

const twoViews = (second: string) =>
  `two MobileNetV1 on one face: one trained as a whole at 160 px, mean over space and one linear unit; one as it came, ${second}; two fifths of the one logit and three fifths of the other, each calibrated`;

/** What the architectures are, for the first row. */
const networks: Partial<Record<ModelManifest["architecture"], string>> = {
  "face-trunk": "MobileNetV1, mean over space, one linear unit",
  "trunk-statistics": `MobileNetV1; ${STATISTICS}, ${HIDDEN}`,
  "trunk-face": `MobileNetV1; ${OF_FACE}, ${THREE}`,
  "trunk-synthesis": `MobileNetV1; ${OF_FACE}, ${THREE}${FORM}`,
  "two-views": twoViews(`${STATISTICS}, ${HIDDEN}`),
  "two-views-face": twoViews(`${OF_FACE}, ${THREE}`),
  "two-views-synthesis": twoViews(`${OF_FACE}, ${THREE}${FORM}`),
  projected: "heads on the frozen face trunk, MobileNetV1",
};
const trunk =
  "`faceres`, the face-description network in the npm package @vladmandic/human (MIT), batch norm folded in";

function head(manifest: ModelManifest, values: number): string {
  const { thresholds, clipThresholds, crop, calibration } = manifest;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const network = networks[manifest.architecture];
  const sign = calibration.bias < 0 ? "-" : "+";
  return `# Model card: ${manifest.name} ${manifest.version}

<!-- Written by \`npm run card\` from manifest.json, about.md, evaluation/, ablation.json, reproduction.json and training/. Do not edit by hand. -->

A discriminator that tells authentic faces from forged ones, one face at a time. Read *What it misses* before you rely on
it.

| | |
|---|---|
| network | ${network ? `${network} (${manifest.architecture})` : manifest.architecture}; ${values.toLocaleString("en")} values, stored in 16 bits |
| weights | SHA-256 \`${manifest.weights.sha256}\` |${network ? `\n| trunk | ${trunk} |` : ""}
| input | a square of ${crop.margin} times the longer side of the 468-point face mesh, resampled to ${crop.sizePx} x ${crop.sizePx} px, RGB |
| not scored | faces whose box has a shorter side under ${manifest.minFacePx} px |
| authenticity | sigmoid(${calibration.scale.toFixed(3)} x logit ${sign} ${Math.abs(calibration.bias).toFixed(3)}), fitted on validation faces with both classes weighing alike |
| forged below | ${thresholds.forgedBelow.toFixed(4)}; ${percent(thresholds.measuredFpr ?? 0)} of ${thresholds.measuredOn} lie below |${
    clipThresholds
      ? `\n| clips forged below | ${clipThresholds.forgedBelow.toFixed(4)}; ${percent(clipThresholds.measuredFpr ?? 0)} of ${clipThresholds.measuredOn}, lie below; of clips, which are means over frames, fewer should |`
      : ""
  }
| authentic above | ${thresholds.authenticAbove.toFixed(4)}; 10% of the validation fakes lie above. Between the two the verdict is inconclusive |`;
}

/** Kinds of at least three fakes that are told from reals with an AUC under this are named. */
const WEAK_AUC = 0.8;

/** What the manifest names, what the tables show to be weak, and what was not measured. */
function misses(manifest: ModelManifest, evaluations: readonly EvaluationDocument[]): string {
  const weak = evaluations
    .flatMap((document) => document.comparisons)
    .filter((c) => c.measures.auc.value !== null && c.measures.auc.value < WEAK_AUC && c.fakes >= 3)
    .sort((a, b) => a.measures.auc.value! - b.measures.auc.value!)
    .map(({ name, fakes, measures }) => {
      const auc = measures.auc.value!;
      return `${name}: AUC ${auc.toFixed(2)} (${fakes} fakes)${auc < 0.5 ? ", rated *more* authentic than the reals" : ""}.`;
    });
  const has = (part: "robustness" | "attack") => evaluations.some((document) => document[part] !== null);
  const lines = [
    ...(manifest.misses ?? []),
    ...new Set(weak),
    "Forgeries of kinds that are not in the tables were never tested. Nor were: cartoons, masks and prosthetics, faces in profile, heavy make-up or filters, infrared, screens filmed off screens.",
    ...(has("attack")
      ? [
          "Somebody who has the model can make a forgery that passes it, with changes that nobody sees: see the attacks above.",
        ]
      : [
          "Nothing here measures resistance to somebody who means to fool it; detectors of this kind fall to small deliberate changes.",
        ]),
    "It looks at faces only. Voice, lips against sound, editing and context are not looked at.",
    ...(has("robustness")
      ? []
      : [
          "Strong recompression, resizing and beauty filters move the authenticity; how far has not been measured for this version.",
        ]),
  ];
  return `## What it misses\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

const use = `## Use and non-use

Meant as one lead among others for people who check media. Not meant to decide by itself about a person, to be read as a
proof either way, to be used on live surveillance, or to identify anybody: it learns nothing about who a face belongs to.`;
