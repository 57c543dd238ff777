import { copyFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Detector } from "../detection/detect.ts";
import { TelltaleError } from "../errors.ts";
import { type ModelManifest, type ModelThresholds, modelManifestSchema } from "../networks/index.ts";
import { groupBy } from "../statistics/group-by.ts";
import { smallestClaimableRate } from "../statistics/proportion.ts";
import type { Verdict } from "../types/detection.ts";
import { evaluateFile, type FileResult } from "./evaluated-file.ts";
import { mapConcurrent } from "./map-concurrent.ts";
import { FILES_FOR_RANKS, lowerPredictionBound, thresholdRank } from "./prediction-bound.ts";

/** Minimum number of files for a threshold. */
const MIN_FILES = 5;

/** A file of the footage, which is assumed to be authentic. */
export interface CalibrationFile extends FileResult {
  /** Path relative to the folder. */
  readonly path: string;
  /** Files that are held out together: the subfolder, or the file itself. */
  readonly group: string;
  /** Verdict by a threshold fitted without the group of the file; null without an authenticity. */
  readonly heldOutVerdict: Verdict | null;
}

/** A threshold refitted to authentic footage of one kind, and its effect. */
export interface RefittedThreshold {
  readonly of: "clips" | "pictures";
  /** Number of files with an authenticity, which the threshold is fitted to. */
  readonly counted: number;
  readonly groups: number;
  readonly forgedBelow: { readonly before: number; readonly after: number };
  /** Files called forged. `after`: each by a threshold fitted without its group. */
  readonly wrong: { readonly before: number; readonly after: number };
  readonly inconclusive: { readonly before: number; readonly after: number };
  /** Upper 95% bound of the false-positive rate if none of the files were called forged. */
  readonly claimableFpr: number;
}

/** The analysed files, and the thresholds of each kind with at least {@link MIN_FILES} files. */
export interface FootageCalibration {
  readonly files: readonly CalibrationFile[];
  readonly thresholds: readonly RefittedThreshold[];
}

/**
 * Analyses authentic files and refits `forgedBelow`, separately for clips and pictures, so that at most 1% of further files
 * are called forged. With fewer than 99 files the threshold can only fall. `authenticAbove` depends on fakes and does not
 * change.
 *
 * @param folder folder of the paths; files of one subfolder are held out together
 * @throws TelltaleError `DATA_INVALID` if too few files have a face that can be scored, `ABORTED`
 */
export async function calibrateToFootage(
  detector: Detector,
  folder: string,
  paths: readonly string[],
  call: { readonly signal?: AbortSignal; readonly onDone?: (done: number, total: number) => void } = {},
): Promise<FootageCalibration> {
  const results = await mapConcurrent(
    paths,
    detector.options.workers + 1,
    (path) => evaluateFile(detector, { path, crop: "" }, call.signal),
    (done) => call.onDone?.(done, paths.length),
  );
  const files = results.map((result, i) => {
    const path = relative(folder, paths[i]!);
    const subfolder = dirname(path);
    return { ...result, path, group: subfolder === "." ? path : subfolder };
  });
  const { image, video } = detector.manifest.thresholds;
  const scored = files.filter((file) => file.authenticity !== null);
  const clips = scored.filter((file) => file.kind === "video");
  const pictures = scored.filter((file) => file.kind === "image");
  const parts = [
    { of: "clips" as const, chosen: clips, thresholds: video },
    { of: "pictures" as const, chosen: pictures, thresholds: image },
  ].filter(({ chosen }) => chosen.length >= MIN_FILES);
  if (parts.length === 0) throw tooFew(folder, files, { clips: clips.length, pictures: pictures.length });
  const refitted = parts.map(({ of, ...part }) => ({ of, ...refit(part.chosen, part.thresholds) }));
  const heldOut = new Map(refitted.flatMap(({ heldOut }) => [...heldOut]));
  return {
    files: files.map((file) => ({ ...file, heldOutVerdict: heldOut.get(file.path) ?? null })),
    thresholds: refitted.map(({ of, threshold }) => ({ of, ...threshold })),
  };
}

/**
 * Computes the threshold of {@link calibrateToFootage} from analysed files with an authenticity.
 *
 * @returns the threshold, and by path the verdict of each file with a threshold fitted without its group
 */
export function refit(
  scored: readonly Omit<CalibrationFile, "heldOutVerdict">[],
  thresholds: Pick<ModelThresholds, "forgedBelow" | "authenticAbove">,
): { threshold: Omit<RefittedThreshold, "of">; heldOut: ReadonlyMap<string, Verdict> } {
  const bySubfolder = groupBy(scored, (file) => file.group);
  // With a single subfolder, each file is its own group.
  const groupOf = (file: { path: string; group: string }) => (bySubfolder.size > 1 ? file.group : file.path);
  const groups = groupBy(scored, groupOf);
  const thresholdFor = (chosen: readonly { readonly authenticity: number | null }[]) => {
    const own = lowerPredictionBound(chosen.map((file) => file.authenticity!));
    // A few files, often of one scene, vary less than future files, so they may only lower the threshold.
    const highest = chosen.length < FILES_FOR_RANKS ? thresholds.forgedBelow : thresholds.authenticAbove;
    return Math.min(highest, own);
  };
  const ascending = [...scored].sort((a, b) => a.authenticity! - b.authenticity!);
  const thresholdWithout = (group: string, members: number) => {
    const count = scored.length - members;
    // Without a large group, too few files may be left; then the old threshold is used.
    if (count < 2) return thresholds.forgedBelow;
    const rank = thresholdRank(count);
    if (rank === 0) return thresholdFor(scored.filter((file) => groupOf(file) !== group));
    // Only the lowest files matter, which avoids sorting all files for each group.
    const lowest = ascending.slice(0, rank + members).filter((file) => groupOf(file) !== group);
    return Math.min(thresholds.authenticAbove, lowest[rank - 1]!.authenticity!);
  };
  const heldOut = new Map<string, Verdict>();
  for (const [group, members] of groups) {
    const forgedBelow = thresholdWithout(group, members.length);
    for (const { path, authenticity } of members) {
      heldOut.set(path, verdictOf(authenticity!, { ...thresholds, forgedBelow }));
    }
  }
  const before = scored.map((file) => verdictOf(file.authenticity!, thresholds));
  const after = scored.map((file) => heldOut.get(file.path)!);
  const count = (verdicts: readonly Verdict[], verdict: Verdict) =>
    verdicts.filter((one) => one === verdict).length;
  const threshold = {
    counted: scored.length,
    groups: groups.size,
    forgedBelow: { before: thresholds.forgedBelow, after: thresholdFor(scored) },
    wrong: { before: count(before, "forged"), after: count(after, "forged") },
    inconclusive: { before: count(before, "inconclusive"), after: count(after, "inconclusive") },
    claimableFpr: smallestClaimableRate(scored.length),
  };
  return { threshold, heldOut };
}

/**
 * Writes a copy of a model folder with new thresholds. The manifest is written last, so that an interrupt leaves no
 * incomplete model.
 *
 * @param write writes one file atomically
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function saveCalibratedModel(
  options: {
    readonly from: string;
    readonly to: string;
    readonly manifest: ModelManifest;
    readonly calibration: FootageCalibration;
  },
  write: (path: string, content: string) => Promise<void>,
): Promise<void> {
  const { from, to, manifest, calibration } = options;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    // The model card describes the old thresholds, and the manifest is rewritten.
    const isCopied = entry.isFile() && entry.name !== "manifest.json" && entry.name !== "README.md";
    if (isCopied) await copyFile(join(from, entry.name), join(to, entry.name));
  }
  const refitted = (before: ModelThresholds, kind: RefittedThreshold["of"]): ModelThresholds => {
    const own = calibration.thresholds.find(({ of }) => of === kind);
    if (own === undefined) return before;
    const { counted, groups, forgedBelow, wrong } = own;
    return {
      ...before,
      forgedBelow: forgedBelow.after,
      measuredFpr: wrong.after / counted,
      measuredMissRate: null,
      measuredOn: `${counted} authentic ${own.of} of own footage, each scored with a threshold fitted without its group (${groups} groups)`,
    };
  };
  const { image, video } = manifest.thresholds;
  const calibrated = modelManifestSchema.parse({
    ...manifest,
    // Build metadata (SemVer 2.0, 10), because only the thresholds differ.
    version: `${manifest.version.replace(/\+.*$/, "")}+calibrated`,
    thresholds: { image: refitted(image, "pictures"), video: refitted(video, "clips") },
  });
  await write(join(to, "calibration.json"), `${JSON.stringify({ schema: 1, ...calibration }, null, 2)}\n`);
  await write(join(to, "manifest.json"), `${JSON.stringify(calibrated, null, 2)}\n`);
}

function verdictOf(
  authenticity: number,
  { forgedBelow, authenticAbove }: { readonly forgedBelow: number; readonly authenticAbove: number },
): Verdict {
  if (authenticity < forgedBelow) return "forged";
  return authenticity > authenticAbove ? "authentic" : "inconclusive";
}

function tooFew(
  folder: string,
  files: readonly FileResult[],
  scored: { clips: number; pictures: number },
): TelltaleError {
  const count = (test: (file: FileResult) => boolean) => files.filter(test).length;
  const parts = [
    `${files.length} ${files.length === 1 ? "file" : "files"}`,
    `${scored.clips} videos and ${scored.pictures} pictures with a face that could be scored`,
    `${count((file) => file.reason === "no-face")} without a face`,
    `${count((file) => file.error !== null)} that could not be analysed`,
  ];
  return new TelltaleError(
    "DATA_INVALID",
    `Expected at least ${MIN_FILES} authentic videos, or ${MIN_FILES} authentic pictures, with a face in ${folder}, but found ${parts.join(", ")}. A hundred or more make a threshold that holds.`,
  );
}
