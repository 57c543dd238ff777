import { copyFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Detector } from "../detection/detect.ts";
import { TelltaleError } from "../errors.ts";
import { type ModelManifest, type ModelThresholds, modelManifestSchema } from "../networks/index.ts";
import { groupBy } from "../statistics/groups.ts";
import { smallestClaimableRate } from "../statistics/proportion.ts";
import type { Verdict } from "../types/detection.ts";
import { evaluateFile, type FileResult } from "./evaluated-file.ts";
import { inLanes } from "./lanes.ts";
import { FILES_FOR_RANKS, ownThreshold, thresholdRank } from "./own-threshold.ts";

/** With fewer, what is left to fit a threshold to when one is held out says next to nothing. */
const MIN_FILES = 5;

/** One file of one's own, authentic by assumption. */
export interface OwnFile extends FileResult {
  /** Below the folder. */
  readonly path: string;
  /** What is held out together: the files of one subfolder, or the file by itself. */
  readonly group: string;
  /** Verdict by the threshold that was fitted without the file's group; null where there was no authenticity. */
  readonly heldOutVerdict: Verdict | null;
}

/** A threshold refitted to one's own authentic footage of one kind, and what it changes. */
export interface OwnThreshold {
  readonly of: "clips" | "pictures";
  /** Files with an authenticity: what the threshold was fitted to. */
  readonly counted: number;
  readonly groups: number;
  readonly forgedBelow: { readonly before: number; readonly after: number };
  /** Files called forged. `after`: each judged by a threshold that was fitted without its group. */
  readonly wrong: { readonly before: number; readonly after: number };
  readonly inconclusive: { readonly before: number; readonly after: number };
  /** The smallest false-positive rate that so many files can vouch for, had none of them been called forged. */
  readonly claimableFpr: number;
}

/** What was looked at, and the thresholds that follow: of each kind with at least {@link MIN_FILES}. */
export interface OwnCalibration {
  readonly files: readonly OwnFile[];
  readonly thresholds: readonly OwnThreshold[];
}

/**
 * Looks at authentic files and refits the threshold below which files are called forged, so that at most 1% of further
 * ones are; with fewer than 99 files it can only fall. Clips and pictures each have theirs where the model has. Where the line to `authentic` lies depends on forgeries, of which there are none here: it stays.
 *
 * @param folder that the paths lie in; files of one subfolder are held out together
 * @throws TelltaleError `DATA_INVALID` when too few files have a face that can be scored, `ABORTED`
 */
export async function calibrateToFootage(
  detector: Detector,
  folder: string,
  paths: readonly string[],
  call: { readonly signal?: AbortSignal; readonly onDone?: (done: number, total: number) => void } = {},
): Promise<OwnCalibration> {
  const results = await inLanes(
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
 * The arithmetic of {@link calibrateToFootage}, for files that have been looked at and have an authenticity.
 *
 * @returns the threshold, and each file's verdict by the one that was fitted without its group, by path
 */
export function refit(
  scored: readonly Omit<OwnFile, "heldOutVerdict">[],
  thresholds: Pick<ModelThresholds, "forgedBelow" | "authenticAbove">,
): { threshold: Omit<OwnThreshold, "of">; heldOut: ReadonlyMap<string, Verdict> } {
  const bySubfolder = groupBy(scored, (file) => file.group);
  // All in one subfolder: then each file is held out by itself.
  const groupOf = (file: { path: string; group: string }) => (bySubfolder.size > 1 ? file.group : file.path);
  const groups = groupBy(scored, groupOf);
  const thresholdFor = (chosen: readonly { readonly authenticity: number | null }[]) => {
    const own = ownThreshold(chosen.map((file) => file.authenticity!));
    // Few files, often of one scene, look more alike than what is to come: they may lower the threshold, not raise it.
    const highest = chosen.length < FILES_FOR_RANKS ? thresholds.forgedBelow : thresholds.authenticAbove;
    return Math.min(highest, own);
  };
  const ascending = [...scored].sort((a, b) => a.authenticity! - b.authenticity!);
  const thresholdWithout = (group: string, members: number) => {
    const count = scored.length - members;
    // One large group may leave too few others to fit to; the old threshold then stands for them.
    if (count < 2) return thresholds.forgedBelow;
    const rank = thresholdRank(count);
    if (rank === 0) return thresholdFor(scored.filter((file) => groupOf(file) !== group));
    // Only the lowest files decide: sorting all others for each group would take minutes for 10,000 files.
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
 * Writes a model folder with the weights of another and the new thresholds; the manifest comes last, so that a cut leaves
 * no half model.
 *
 * @param write writes one file whole
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function saveCalibratedModel(
  options: {
    readonly from: string;
    readonly to: string;
    readonly manifest: ModelManifest;
    readonly calibration: OwnCalibration;
  },
  write: (path: string, content: string) => Promise<void>,
): Promise<void> {
  const { from, to, manifest, calibration } = options;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    // The card tells of the old thresholds; the manifest is written anew.
    const isCopied = entry.isFile() && entry.name !== "manifest.json" && entry.name !== "README.md";
    if (isCopied) await copyFile(join(from, entry.name), join(to, entry.name));
  }
  const refitted = (before: ModelThresholds, kind: OwnThreshold["of"]): ModelThresholds => {
    const own = calibration.thresholds.find(({ of }) => of === kind);
    if (own === undefined) return before;
    const { counted, groups, forgedBelow, wrong } = own;
    return {
      ...before,
      forgedBelow: forgedBelow.after,
      measuredFpr: wrong.after / counted,
      measuredMissRate: null,
      measuredOn: `${counted} authentic ${own.of} of own footage, each judged by a threshold fitted without it and those held out with it (${groups} parts)`,
    };
  };
  const { image, video } = manifest.thresholds;
  const calibrated = modelManifestSchema.parse({
    ...manifest,
    // Build metadata (SemVer 2.0, 10): the same weights, other thresholds.
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
    `${count((file) => file.error !== null)} that could not be looked at`,
  ];
  return new TelltaleError(
    "DATA_INVALID",
    `Expected at least ${MIN_FILES} authentic videos, or ${MIN_FILES} authentic pictures, with a face in ${folder}, but found ${parts.join(", ")}. A hundred or more make a threshold that holds.`,
  );
}
