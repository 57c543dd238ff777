import { meaningOf } from "../errors.ts";
import { isImagePath, isVideoPath } from "../files/media-extensions.ts";
import { provenanceSentence } from "../report/provenance.ts";
import type { FileResult, Origin } from "../types/audit.ts";
import type { Detection } from "../types/detection.ts";

/** Result of a file that was analyzed. */
export function resultOf(detection: Detection): FileResult {
  const { file, verdict, reason, authenticity, tracks, warnings } = detection;
  const { kind, width, height } = file;
  return {
    outcome: verdict,
    reason,
    // The same rounding as in the file's report.
    authenticity: authenticity === null ? null : round(authenticity, 4),
    kind,
    durationSec: file.durationSec === null ? null : round(file.durationSec, 3),
    width,
    height,
    faces: tracks.length,
    error: null,
    warnings,
    origin: originOf(detection),
  };
}

/** Short form of the file's provenance; null if it has none. */
function originOf({ provenance = null, pixels, verdict }: Detection): Origin | null {
  if (provenance === null) return null;
  const { declares, signed, by, credentials } = provenance;
  if (declares === null && credentials === null) return null;
  return {
    ...{ declares, signed, by, credentials: credentials && { state: credentials.state } },
    sentence: provenanceSentence(provenance),
    pixels: pixels?.verdict ?? verdict,
  };
}

/** Result of a file that could not be analyzed. @param path decides by its extension between `error` and `not-media` */
export function failedResult(
  path: string,
  error: { readonly code: string; readonly message: string },
): FileResult {
  // With the extension of a video or picture it is an error.
  const isNotMedia = meaningOf(error.code).isNotMedia === true && !isVideoPath(path) && !isImagePath(path);
  return {
    ...{ outcome: isNotMedia ? "not-media" : "error", reason: null, authenticity: null, kind: null },
    ...{ durationSec: null, width: null, height: null, faces: null, warnings: [] },
    error: { code: error.code, message: error.message },
  };
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
