import type { Track } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { NotAnalyzed } from "../media/index.ts";

/** The frames and tracks of one part of a file. */
export function ofPart(
  part: number,
  { frames, tracks }: { readonly frames: readonly FrameObservation[]; readonly tracks: readonly Track[] },
): { readonly frames: readonly FrameObservation[]; readonly tracks: readonly Track[] } {
  const own = frames.filter((frame) => (frame.part ?? 0) === part);
  const indices = new Set(own.map(({ index }) => index));
  return { frames: own, tracks: tracks.filter(({ points }) => indices.has(points[0]!.frameIndex)) };
}

/** Faces that were skipped because there were too many; their maximum number in one frame. */
export function skippedFaces(frames: readonly FrameObservation[]): NotAnalyzed[] {
  const count = frames.reduce((most, { facesLeftOut = 0 }) => Math.max(most, facesLeftOut), 0);
  return count > 0 ? [{ what: "face", count, seconds: null }] : [];
}

const names: Readonly<Record<NotAnalyzed["what"], readonly [one: string, many: string]>> = {
  "video-track": ["video track", "video tracks"],
  "embedded-video": ["embedded clip", "embedded clips"],
  picture: ["further picture", "further pictures"],
  "end-of-video": ["end of a video", "ends of videos"],
  face: ["face of a crowd", "faces of a crowd"],
};

/** One warning for each kind of content that was not analyzed. */
export function coverageWarnings(path: string, notAnalyzed: readonly NotAnalyzed[]): string[] {
  return Object.entries(names).flatMap(([what, [one, many]]) => {
    const all = notAnalyzed.filter((content) => content.what === what);
    const count = all.reduce((sum, content) => sum + content.count, 0);
    const seconds = all.reduce((sum, content) => sum + (content.seconds ?? 0), 0);
    if (count === 0) return [];
    const length = seconds > 0 ? ` (${seconds.toFixed(1)} s)` : "";
    return [`Not analyzed in ${path}: ${count} ${count === 1 ? one : many}${length}.`];
  });
}
