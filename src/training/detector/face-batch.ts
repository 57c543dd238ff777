/** The batch of one step: real and fake faces alternate. */
export interface FaceBatch {
  /** RGB uint8 [N, size, size, 3]. */
  readonly faces: Uint8Array;
  /** Class of each face, a value of `CLASSES`; [N]. */
  readonly classes: Uint8Array;
  /** Fake fraction of each cell of 16 px, in [0, 1]; [N, size / 16, size / 16]. */
  readonly maps: Float32Array;
  /** 1 if the map of a face is known, else 0; [N]. */
  readonly mapWeights: Float32Array;
}

/** Side of a cell of the localization map in pixels. */
export const CELL_PX = 16;
