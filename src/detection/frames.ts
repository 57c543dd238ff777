import type { Track } from "../faces/tracks.ts";
import type { FaceObservation, FrameObservation } from "../faces/types.ts";
import type { Detection, FaceDetection } from "./detection.ts";
import { scoreOf } from "./verdict.ts";

/**
 * What was seen in each frame, and how much of the file that covers.
 *
 * @param framesNotDecoded frames that were asked for and never came out of the decoder
 */
export function describeFrames(
  observations: readonly FrameObservation[],
  tracks: readonly Track[],
  framesNotDecoded: number,
): Pick<Detection, "frames" | "coverage"> {
  const trackOf = new Map<FaceObservation, number>();
  for (const { id, sightings } of tracks) {
    for (const { face } of sightings) trackOf.set(face, id);
  }
  const frames = observations.map(({ index, timeSec, faces, error }) => {
    const described = faces.map((face) => describeFace(face, trackOf.get(face)!));
    const scores = described.flatMap((face) => face.authenticity ?? []);
    const authenticity = scores.length === 0 ? null : Math.min(...scores);
    return { index, timeSec, authenticity, faces: described, error };
  });
  return {
    frames,
    coverage: {
      framesSampled: frames.length + framesNotDecoded,
      framesWithFace: frames.filter((frame) => frame.faces.length > 0).length,
      framesScored: frames.filter((frame) => frame.authenticity !== null).length,
      framesFailed: framesNotDecoded + frames.filter((frame) => frame.error !== null).length,
    },
  };
}

function describeFace(face: FaceObservation, track: number): FaceDetection {
  const authenticity = scoreOf(face);
  const unscored = authenticity === null ? (face.unscored ?? "not-finite") : null;
  return { track, box: face.box, authenticity, unscored };
}
