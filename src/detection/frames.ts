import type { Track } from "../faces/tracks.ts";
import type { FaceObservation, FrameObservation } from "../faces/types.ts";
import type { NotAnalyzed, PartKind } from "../media/index.ts";
import type { Detection, FaceDetection } from "../types/detection.ts";
import { scoreOf } from "./verdict.ts";

/**
 * Frames and coverage of a report.
 *
 * @param framesNotDecoded sampled frames that the decoder did not return
 * @param rest content that was not analyzed, and parts beside the main one
 */
export function describeFrames(
  observations: readonly FrameObservation[],
  tracks: readonly Track[],
  framesNotDecoded: number,
  rest: { readonly notAnalyzed: readonly NotAnalyzed[]; readonly parts: readonly PartKind[] },
): Pick<Detection, "frames" | "coverage"> {
  const trackOf = new Map<FaceObservation, number>();
  for (const { id, points } of tracks) {
    for (const { face } of points) trackOf.set(face, id);
  }
  const frames = observations.map(({ index, timeSec, faces, part, error }) => {
    const described = faces.map((face) => describeFace(face, trackOf.get(face)!));
    const scores = described.flatMap((face) => face.authenticity ?? []);
    const authenticity = scores.length === 0 ? null : Math.min(...scores);
    return { index, timeSec, ...(part === undefined ? {} : { part }), authenticity, faces: described, error };
  });
  return {
    frames,
    coverage: {
      framesSampled: frames.length + framesNotDecoded,
      framesWithFace: frames.filter((frame) => frame.faces.length > 0).length,
      framesScored: frames.filter((frame) => frame.authenticity !== null).length,
      framesFailed: framesNotDecoded + frames.filter((frame) => frame.error !== null).length,
      ...rest,
    },
  };
}

function describeFace(face: FaceObservation, track: number): FaceDetection {
  const authenticity = scoreOf(face);
  const unscored = authenticity === null ? (face.unscored ?? "not-finite") : null;
  return { track, box: face.box, authenticity, unscored };
}
