// npm run card: writes models/face/README.md from its manifest, its evaluation and its training log, so that no figure
// in it can drift from what was measured.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Comparison, Evaluation, VerdictCount } from "../src/evaluation/summary.ts";
import { readManifest } from "../src/networks/index.ts";

interface EvaluationFile extends Evaluation {
  readonly model: { readonly sha256: string };
  readonly options: { readonly backend: string };
}
interface TrainingLine {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSec?: number;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), "../models/face");
const manifest = await readManifest(folder);
const images = await readEvaluation("images");
const videos = await readEvaluation("videos");
const options = JSON.parse(await readFile(join(folder, "training/options.json"), "utf8"));
const log = (await readFile(join(folder, "training/stats.jsonl"), "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TrainingLine);

async function readEvaluation(name: string): Promise<EvaluationFile> {
  const evaluation = JSON.parse(
    await readFile(join(folder, `evaluation/${name}.json`), "utf8"),
  ) as EvaluationFile;
  if (evaluation.model.sha256 !== manifest.weights.sha256) {
    throw new Error(`evaluation/${name}.json was measured on other weights; run telltale evaluate again.`);
  }
  return evaluation;
}

const { thresholds, crop, calibration } = manifest;
const steps = log.filter((line) => line.imagesPerSec !== undefined);
const perStep = steps[0]!.step;
const hours = steps.reduce((sum, line) => sum + (perStep * options.batch) / line.imagesPerSec!, 0) / 3600;
const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

const card = `# Model card: ${manifest.name} ${manifest.version}

<!-- Written by \`npm run card\` from manifest.json, evaluation/ and training/. Do not edit by hand. -->

A discriminator that tells authentic faces from forged ones, one face at a time. First version: it proves the way, and it
misses much. Read *What it misses* before you rely on it.

| | |
|---|---|
| network | MobileNetV1, mean over space, one linear unit (${manifest.architecture}); 3,197,057 values, stored in 16 bits |
| weights | SHA-256 \`${manifest.weights.sha256}\` |
| started from | \`faceres\`, the face-description network in the npm package @vladmandic/human (MIT), batch norm folded in |
| input | a square of ${crop.margin} times the longer side of the 468-point face mesh, resampled to ${crop.sizePx} x ${crop.sizePx} px, RGB |
| not scored | faces whose box has a shorter side under ${manifest.minFacePx} px |
| authenticity | sigmoid(${calibration.scale.toFixed(3)} x logit ${calibration.bias < 0 ? "-" : "+"} ${Math.abs(calibration.bias).toFixed(3)}), fitted on validation faces with both classes weighing alike |
| forged below | ${thresholds.forgedBelow.toFixed(4)}; ${percent(thresholds.measuredFpr ?? 0)} of ${thresholds.measuredOn} lie below |
| authentic above | ${thresholds.authenticAbove.toFixed(4)}; 10% of the validation fakes lie above. Between the two the verdict is inconclusive |

## Data and licences

Trained and calibrated on research data; none of it is in this repository. The weights are offered for research and
journalism; the data's terms forbid commercial use, and whether weights inherit that is for your lawyer.

| source | what it is | terms |
|---|---|---|
| DFDC | one face crop per clip of the Deepfake Detection Challenge; face swaps of several unnamed methods | non-commercial research |
| FFHQ and StyleGAN | photographs and StyleGAN faces | FFHQ: CC BY-NC-SA 4.0, pictures under their own licences; non-commercial |
| StyleGAN, second set | StyleGAN faces | non-commercial |
| Stable Diffusion 2.1 | generated portraits | CreativeML Open RAIL++-M outputs |
| UTKFace | photographs of adults | non-commercial research |
| All-Age-Faces | photographs of adults, mostly East Asian | non-commercial research |
| video clips, evaluation only | 83 clips of some twenty methods and real counterparts, from the methods' public pages | each its own: MIT to research-only |

75% of the groups were trained on, 10% served for validation and calibration, 15% were kept for the figures below. A group
is one original clip or picture with everything made from it; DFDC's actors appear in several clips, so the same person may
stand on both sides. The video clips were neither trained nor calibrated on; the DFDC swaps among them are of a set that was.

## Training

\`telltale train detector\` of this repository, ${options.steps} steps of ${options.batch} faces (${Math.round((options.steps * options.batch) / 1000)} thousand), ${hours.toFixed(1)} hours on two CPU
cores that had other work beside it (${percentile(steps, 0.5).toFixed(0)} faces/s, median), native backend. 30% of the pairs are self-blends (Shiohara & Yamasaki 2022),
the rest known fakes with a real of the same clip or source; both through the same movement, colour, resampling, blur, noise
and JPEG. Loss ${steps[0]!.loss!.toFixed(3)} at step ${steps[0]!.step}, ${steps.at(-1)!.loss!.toFixed(3)} at step ${steps.at(-1)!.step}. Options and curve: \`training/\`.

## What it scores

AUC: the chance that a real is given a higher authenticity than a fake; 0.5 is a coin. Intervals: 95%, bootstrap over groups.

Still images of held-out groups (\`telltale evaluate --data images/index.csv\`):

${comparisonTable(images.comparisons)}

${verdictTable(images.verdicts)}

Video clips, none of them trained on, 32 frames each, insets cut out as their index says
(\`telltale evaluate --data videos/index.csv\`):

${comparisonTable(videos.comparisons)}

${verdictTable(videos.verdicts)}

## What it misses

${missed()}
- Forgeries of kinds that are not in the tables were never tested. Nor were: cartoons, masks and prosthetics, faces in
  profile, heavy make-up or filters, infrared, screens filmed off screens.
- Nothing here measures resistance to somebody who means to fool it; detectors of this kind fall to small deliberate changes.
- It looks at faces only. Voice, lips against sound, editing and context are not looked at.
- Strong recompression, resizing and beauty filters move the authenticity; how far has not been measured for this version.

## Use and non-use

Meant as one lead among others for people who check media. Not meant to decide by itself about a person, to be read as a
proof either way, to be used on live surveillance, or to identify anybody: it learns nothing about who a face belongs to.
`;

await writeFile(join(folder, "README.md"), card);

function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((c) => {
    const interval = c.aucInterval ? `${c.aucInterval[0].toFixed(2)} to ${c.aucInterval[1].toFixed(2)}` : "-";
    const seen = c.isSourceSeen ? "seen, other groups" : "never seen";
    return `| ${c.name} | ${seen} | ${c.reals} | ${c.fakes} | ${c.auc?.toFixed(3) ?? "-"} | ${interval} | ${c.frameAuc?.toFixed(3) ?? "-"} |`;
  });
  return [
    "| fakes of | source | real | fake | AUC | interval | AUC of single frames |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function verdictTable(verdicts: readonly VerdictCount[]): string {
  const rows = verdicts.map(
    (v) =>
      `| ${v.source} | ${v.label} | ${v.files} | ${v.authentic} | ${v.forged} | ${v.inconclusive} | ${v.noFace} | ${v.failed} |`,
  );
  return [
    "| source | label | files | called authentic | called forged | inconclusive | of these no face | failed |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Every kind of at least three fakes that is told from reals with an AUC under 0.8, and what the manifest names. */
function missed(): string {
  const weak = [...images.comparisons, ...videos.comparisons].filter(
    (c) => c.auc !== null && c.auc < 0.8 && c.fakes >= 3 && c.name.includes(":"),
  );
  const lines = weak
    .sort((a, b) => a.auc! - b.auc!)
    .map(
      (c) =>
        `- ${c.name}: AUC ${c.auc!.toFixed(2)} (${c.fakes} fakes)${c.auc! < 0.5 ? ", rated *more* authentic than the reals" : ""}.`,
    );
  return [...(manifest.misses ?? []).map((miss) => `- ${miss}`), ...lines].join("\n");
}

function percentile(lines: readonly TrainingLine[], share: number): number {
  const speeds = lines.map((line) => line.imagesPerSec!).sort((a, b) => a - b);
  return speeds[Math.floor(share * speeds.length)]!;
}
