/** What a face is; the networks that tell three classes apart have them in this order, others only the first. */
export const CLASSES = { authentic: 0, altered: 1, synthesised: 2 } as const;

/** What one step learns from: faces, or what a frozen trunk said of them; real and forged in turn. */
export type TrainBatch = FacesBatch | StatisticsBatch;

export interface FacesBatch {
  /** RGB uint8 [N, size, size, 3]. */
  readonly faces: Uint8Array;
  /** Of each face, a number of `CLASSES`; [N]. */
  readonly classes: Uint8Array;
}

export interface StatisticsBatch {
  /** float32 [N, F]. */
  readonly statistics: Float32Array;
  /** Of each face, a number of `CLASSES`; [N]. */
  readonly classes: Uint8Array;
}

/** Where the batches come from. */
export interface BatchSource {
  /** Milliseconds that `take` has waited: the engine stood still for so long. */
  readonly waitedMs: number;
  /** The batch of a step; steps are asked for in rising order. */
  take(step: number): Promise<TrainBatch>;
  close(): Promise<void>;
}
