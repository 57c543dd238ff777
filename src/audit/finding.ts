import type { Detection } from "../detection/detection.ts";
import { meaningOf } from "../errors.ts";
import { isImagePath, isVideoPath } from "../files/media-endings.ts";
import { provenanceSentence } from "../report/provenance.ts";
import type { Finding, Origin } from "./entry.ts";

/** What was found out about a file that was looked at. */
export function findingOf(detection: Detection): Finding {
  const { file, verdict, reason, authenticity, tracks, warnings } = detection;
  const { kind, width, height } = file;
  return {
    outcome: verdict,
    reason,
    // Decimals as in a file's own report.
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

/** What a file says of its origin, in short; null where it says nothing. */
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

/** What is recorded of a file that could not be looked at. @param path for its ending */
export function failureFinding(
  path: string,
  error: { readonly code: string; readonly message: string },
): Finding {
  // A name that promises a video or a picture makes it an error.
  const isOther = meaningOf(error.code).isOtherFile === true && !isVideoPath(path) && !isImagePath(path);
  return {
    ...{ outcome: isOther ? "not-media" : "error", reason: null, authenticity: null, kind: null },
    ...{ durationSec: null, width: null, height: null, faces: null, warnings: [] },
    error: { code: error.code, message: error.message },
  };
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
