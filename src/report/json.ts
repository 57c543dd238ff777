import type { Provenance } from "../provenance/index.ts";
import type { Detection, Stability } from "../types/detection.ts";
import { safeJson } from "./control-characters.ts";
import { type FailureReport, type FileReport, type Report, SCHEMA_VERSION } from "./schema.ts";
import { tool } from "./tool.ts";

/** A fourth decimal of an authenticity already differs from backend to backend. */
const authenticityOf = rounded(4);
/** Frames of 240 fps video lie 4 ms apart. */
const seconds = rounded(3);
const tenths = rounded(1);

/** The JSON of one file: what was detected, rounded to what means something. */
export function reportFile(detection: Detection): FileReport {
  const { file, threshold, backend } = detection;
  return {
    schema: SCHEMA_VERSION,
    tool,
    model: { ...detection.model, misses: [...(detection.model.misses ?? [])] },
    backend: { ...backend, passedOver: [...backend.passedOver] } as FileReport["backend"],
    ...(detection.software ? { software: detection.software } : {}),
    options: detection.options,
    file: { ...file, durationSec: seconds(file.durationSec), fps: seconds(file.fps) },
    verdict: detection.verdict,
    reason: detection.reason,
    pixels: detection.pixels ?? { verdict: detection.verdict, reason: detection.reason },
    provenance: reportProvenance(detection.provenance ?? null),
    authenticity: authenticityOf(detection.authenticity),
    decidingTrack: detection.decidingTrack,
    threshold: {
      forgedBelow: authenticityOf(threshold.forgedBelow),
      authenticAbove: authenticityOf(threshold.authenticAbove),
      measuredFpr: authenticityOf(threshold.measuredFpr),
      measuredMissRate: authenticityOf(threshold.measuredMissRate ?? null),
      measuredOn: threshold.measuredOn,
    },
    coverage: reportCoverage(detection.coverage),
    frames: detection.frames.map(({ index, timeSec, part, authenticity, faces, error }) => ({
      index,
      timeSec: seconds(timeSec),
      ...(part === undefined ? {} : { part }),
      authenticity: authenticityOf(authenticity),
      faces: faces.map(({ track, box: [x, y, width, height], authenticity, unscored }) => ({
        track,
        box: [tenths(x), tenths(y), tenths(width), tenths(height)],
        authenticity: authenticityOf(authenticity),
        unscored,
      })),
      error,
    })),
    tracks: detection.tracks.map((track) => ({
      ...track,
      firstSec: seconds(track.firstSec),
      lastSec: seconds(track.lastSec),
      authenticity: authenticityOf(track.authenticity),
      syntheticShare: authenticityOf(track.syntheticShare ?? null),
    })),
    warnings: [...detection.warnings],
    stability: reportStability(detection.stability ?? null),
  };
}

function reportCoverage({
  notAnalyzed = [],
  parts = [],
  ...frames
}: Detection["coverage"]): FileReport["coverage"] {
  return {
    ...frames,
    notAnalyzed: notAnalyzed.map((missed) => ({ ...missed, seconds: seconds(missed.seconds) })),
    parts: [...parts],
  };
}

function reportProvenance(provenance: Provenance | null): FileReport["provenance"] {
  return provenance && (structuredClone(provenance) as NonNullable<FileReport["provenance"]>);
}

function reportStability(stability: Stability | null): NonNullable<FileReport["stability"]> | null {
  if (stability === null) return null;
  const rounded = <Result extends { readonly authenticity: number | null }>(result: Result) => ({
    ...result,
    authenticity: authenticityOf(result.authenticity),
  });
  return { asIs: rounded(stability.asIs), trials: stability.trials.map(rounded) };
}

/** The JSON of a file that could not be looked at. */
export function reportFailure(path: string, { code, message }: FailureReport["error"]): FailureReport {
  return { schema: SCHEMA_VERSION, tool, file: { path }, verdict: null, error: { code, message } };
}

/** One report: an indented JSON document. Several: JSON Lines, one document a line, in the order given. */
export function formatJson(reports: readonly Report[]): string {
  if (reports.length === 1) return `${safeJson(reports[0], 2)}\n`;
  return reports.map((report) => `${safeJson(report)}\n`).join("");
}

function rounded(decimals: number): <Value extends number | null>(value: Value) => Value {
  const scale = 10 ** decimals;
  return <Value extends number | null>(value: Value) =>
    (value === null ? null : Math.round(value * scale) / scale) as Value;
}
