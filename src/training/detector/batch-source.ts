/** What one step learns from: faces, or what a frozen trunk said of them; labels with 1 = real, 0 = forged. */
export type TrainBatch = FacesBatch | StatisticsBatch;

export interface FacesBatch {
  /** RGB uint8 [N, size, size, 3]. */
  readonly faces: Uint8Array;
  readonly labels: Float32Array;
}

export interface StatisticsBatch {
  /** float32 [N, F]. */
  readonly statistics: Float32Array;
  readonly labels: Float32Array;
}

/** Where the batches come from. */
export interface BatchSource {
  /** Milliseconds that `take` has waited: the engine stood still for so long. */
  readonly waitedMs: number;
  /** The batch of a step; steps are asked for in rising order. */
  take(step: number): Promise<TrainBatch>;
  close(): Promise<void>;
}
