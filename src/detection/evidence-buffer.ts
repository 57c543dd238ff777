import type { FrameEvidence } from "../types/pictures.ts";

/** At about 35 KB per frame with its faces the buffer stays below 12 MB. */
const MAX_FRAMES = 320;

/** Keeps the pictures of at most 320 frames, spread evenly over the file. */
export class EvidenceBuffer {
  #stride = 1;
  #frames: FrameEvidence[] = [];

  /** Whether the buffer takes this frame. */
  wants(index: number): boolean {
    return index % this.#stride === 0;
  }

  add(evidence: FrameEvidence): void {
    if (!this.wants(evidence.index)) return;
    this.#frames.push(evidence);
    if (this.#frames.length <= MAX_FRAMES) return;
    this.#stride *= 2;
    this.#frames = this.#frames.filter(({ index }) => this.wants(index));
  }

  /** In the order of the frames. */
  get frames(): readonly FrameEvidence[] {
    return this.#frames;
  }
}
