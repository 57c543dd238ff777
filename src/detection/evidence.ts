import type { SquarePx } from "../faces/index.ts";
import type { HeatMap } from "./heat-map.ts";

/** A scored face, to show: what the network saw, and which parts of it spoke for what. */
export interface FaceEvidence {
  /** Where the crop lay, in pixels of the frame. */
  readonly square: SquarePx;
  /** JPEG of what the network saw. */
  readonly crop: Uint8Array;
  /** Null for networks that have no such map. */
  readonly heat: HeatMap | null;
}

/** A sampled frame, to show. */
export interface FrameEvidence {
  /** `index` of the frame. */
  readonly index: number;
  /** Size in pixels of the frame that boxes and squares are measured in. */
  readonly width: number;
  readonly height: number;
  /** JPEG of the whole frame, {@link THUMBNAIL_SIDE_PX} on its long side. */
  readonly thumbnail: Uint8Array;
  /** In the order of the frame's faces; null for those that were not scored. */
  readonly faces: readonly (FaceEvidence | null)[];
}

/** Long side of the frames that a report shows: sharp at the size that the player has on a screen. */
export const THUMBNAIL_SIDE_PX = 640;

/** About 35 KB a frame with its faces: what is kept stays below 12 MB however many frames are analyzed. */
const MAX_FRAMES_KEPT = 320;

/** Keeps the evidence of some frames, evenly spread, so that memory does not grow with their number. */
export class EvidenceKeeper {
  #stride = 1;
  #kept: FrameEvidence[] = [];

  /** Whether a frame's evidence is worth making. */
  wants(index: number): boolean {
    return index % this.#stride === 0;
  }

  add(evidence: FrameEvidence): void {
    if (!this.wants(evidence.index)) return;
    this.#kept.push(evidence);
    if (this.#kept.length <= MAX_FRAMES_KEPT) return;
    this.#stride *= 2;
    this.#kept = this.#kept.filter(({ index }) => this.wants(index));
  }

  /** What was kept, in order of frames. */
  get kept(): readonly FrameEvidence[] {
    return this.#kept;
  }
}
