import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ModelManifest, type ModelThresholds, readManifest } from "../../src/networks/index.ts";
import type { EvaluationDocument } from "../../src/types/evaluation.ts";
import { readEvaluations } from "./measurements.ts";
import { evaluationSections } from "./sections.ts";
import { trainingParagraph } from "./training.ts";

/** Writes the model card of a model folder from manifest.json, about.md, evaluation/*.json and training/. */
export async function formatCard(folder: string): Promise<string> {
  const manifest = await readManifest(folder);
  const evaluations = await readEvaluations(folder, manifest.weights.sha256);
  const { size } = await stat(join(folder, manifest.weights.file));
  const about = await readFile(join(folder, "about.md"), "utf8");
  const parts = [
    head(manifest, size / 2),
    about.trim(),
    await trainingParagraph(folder, manifest),
    ...evaluationSections(evaluations),
    limitations(manifest, evaluations),
    use,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Descriptions of the architectures. */
const networks: Partial<Record<ModelManifest["architecture"], string>> = {
  "mobilenet-v1":
    "MobileNetV1 backbone; a classification head of three classes (real, manipulated, synthetic) on its last map, a localization head on the map of block 11 (one logit for each cell of 16 px)",
};

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

function head(manifest: ModelManifest, values: number): string {
  const { thresholds, crop, calibration } = manifest;
  const network = networks[manifest.architecture];
  const sign = calibration.bias < 0 ? "-" : "+";
  return `# Model card: ${manifest.name} ${manifest.version}

<!-- Written by \`npm run card\` from manifest.json, about.md, evaluation/ and training/. Do not edit by hand. -->

A network that tells authentic faces from forged ones, one face at a time. Read *Limitations* before you rely on it.

| | |
|---|---|
| network | ${network ? `${network} (${manifest.architecture})` : manifest.architecture}; ${values.toLocaleString("en")} values, stored in 16 bits |
| weights | SHA-256 \`${manifest.weights.sha256}\` |
| input | a square of ${crop.margin} times the longer side of the 468-point face mesh, resampled to ${crop.sizePx} x ${crop.sizePx} px, RGB |
| not scored | faces whose box has a shorter side under ${manifest.minFacePx} px |
| authenticity | sigmoid(${calibration.scale.toFixed(3)} x logit ${sign} ${Math.abs(calibration.bias).toFixed(3)}), fitted on validation faces with both classes weighing alike |
${thresholdRows("pictures", thresholds.image)}
${thresholdRows("videos", thresholds.video)}

Between the two thresholds the verdict is inconclusive.`;
}

function thresholdRows(kind: string, thresholds: ModelThresholds): string {
  const { forgedBelow, authenticAbove, measuredFpr, measuredMissRate, measuredOn } = thresholds;
  const rate = (share: number | null, what: string) =>
    share === null ? "not measured" : `${percent(share)} of the ${what}; measured on ${measuredOn}`;
  return `| ${kind}: forged below | ${forgedBelow.toFixed(4)}; real files called forged: ${rate(measuredFpr, "real ones")} |
| ${kind}: authentic above | ${authenticAbove.toFixed(4)}; forged files called authentic: ${rate(measuredMissRate, "forged ones")} |`;
}

/** Kinds with at least three fakes and an AUC below this are listed as weaknesses. */
const WEAK_AUC = 0.8;

/** Limitations of the manifest, weak results, and missing measurements. */
function limitations(manifest: ModelManifest, evaluations: readonly EvaluationDocument[]): string {
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
    ...manifest.limitations,
    ...new Set(weak),
    "Forgeries of kinds that are not in the tables were never tested. Neither were cartoons, masks and prosthetics, faces in profile, heavy make-up or filters, infrared, and screens filmed off screens.",
    ...(has("attack")
      ? [
          "A person who has the model can make a forgery that passes it, with invisible changes: see the attacks above.",
        ]
      : [
          "Resistance to a person who means to fool it was not measured; detectors of this kind fall to small deliberate changes.",
        ]),
    "It judges faces only. It does not judge voice, lip sync, editing or context.",
    ...(has("robustness")
      ? []
      : [
          "Strong recompression, resizing and beauty filters move the authenticity; how far was not measured for this version.",
        ]),
  ];
  return `## Limitations\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

const use = `## Use and non-use

Intended as one clue among others for people who check media. Not intended to decide about a person on its own, to be read as a
proof either way, to be used on live surveillance, or to identify anybody: it learns nothing about who a face belongs to.`;
