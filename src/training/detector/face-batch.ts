/** What one step learns from: real and fake faces in turn. */
export interface FaceBatch {
  /** RGB uint8 [N, size, size, 3]. */
  readonly faces: Uint8Array;
  /** Of each face, a number of `CLASSES`; [N]. */
  readonly classes: Uint8Array;
  /** How much of each cell of 16 px is fake, in [0, 1]; [N, size / 16, size / 16]. */
  readonly maps: Float32Array;
  /** 1 where the map of a face is known, else 0; [N]. */
  readonly mapWeights: Float32Array;
}

/** Side of a cell of the localization map, pixels. */
export const CELL_PX = 16;
