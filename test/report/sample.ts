import type { Detection, FrameDetection, TrackDetection } from "../../src/types/detection.ts";

const sha256 = "ab".repeat(32);

/** A frame with the faces of `authenticities`, one for each track from 1. */
export function sampleFrame(index: number, authenticities: readonly (number | null)[]): FrameDetection {
  const scores = authenticities.flatMap((authenticity) => authenticity ?? []);
  return {
    index,
    timeSec: index * 0.5,
    authenticity: scores.length === 0 ? null : Math.min(...scores),
    faces: authenticities.map((authenticity, i) => ({
      track: i + 1,
      box: [100.04 + 300 * i, 50, 120, 130],
      authenticity,
      unscored: authenticity === null ? "too-small" : null,
    })),
    error: null,
  };
}

export function sampleTrack(id: number, authenticity: number | null, frames: number): TrackDetection {
  const framesScored = authenticity === null ? 0 : frames;
  return {
    id,
    firstSec: 0,
    lastSec: (frames - 1) / 2,
    frames,
    framesScored,
    lasts: framesScored >= 3,
    authenticity,
  };
}

/** A detection of a forged video of four frames, with anything replaced. */
export function sampleDetection(changes: Partial<Detection> = {}): Detection {
  return {
    model: { name: "face", version: "1.0.0", sha256 },
    backend: { name: "wasm", detail: "WebAssembly with SIMD", passedOver: [] },
    software: { ffmpeg: "7.1", engine: "TensorFlow.js 4.22.0" },
    options: { frames: 32, fps: null, model: "models/face", backend: "auto", workers: 2 },
    file: {
      path: "clip.mp4",
      sha256,
      bytes: 12345,
      kind: "video",
      durationSec: 2.0000004,
      width: 1280,
      height: 720,
      fps: 29.97002997,
    },
    verdict: "forged",
    reason: null,
    authenticity: 0.0312345,
    decidingTrack: 1,
    threshold: {
      forgedBelow: 0.4,
      authenticAbove: 0.6,
      measuredFpr: 0.05,
      measuredOn: "authentic files held out",
    },
    coverage: { framesSampled: 4, framesWithFace: 4, framesScored: 4, framesFailed: 0 },
    frames: [0, 1, 2, 3].map((index) => sampleFrame(index, [0.0312345])),
    tracks: [sampleTrack(1, 0.0312345, 4)],
    warnings: [],
    ...changes,
  };
}
