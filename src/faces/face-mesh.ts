import { type GraphModel, runAndRead, type Tensor, tf } from "../engine/index.ts";
import type { FaceCandidate } from "./blazeface.ts";
import { type Picture, type SquarePx, sampleSquare } from "./sampling.ts";

/** Input side of the mesh network in pixels. */
export const MESH_INPUT_PX = 192;
/** Points of MediaPipe's face mesh. */
export const MESH_POINTS = 468;
/** Side of the mesh input relative to the detected box, as in training. */
const VIEW_SCALE = 1.4;

export interface FaceMesh {
  /** 468 points (x, y) in picture pixels; length 936. */
  readonly points: Float32Array;
  /** Probability in [0, 1] that the input is a face. */
  readonly confidence: number;
}

/**
 * Fits the 468-point mesh of MediaPipe (Kartynnik et al. 2019) to all candidates in one batch.
 *
 * The input is rotated so that the eyes are level, and the points are rotated back.
 *
 * @returns one mesh per candidate, in order
 */
export function fitMeshes(
  model: GraphModel,
  picture: Picture,
  candidates: readonly FaceCandidate[],
): FaceMesh[] {
  if (candidates.length === 0) return [];
  const views = candidates.map(
    (c): SquarePx => ({
      centreX: c.centreX,
      centreY: c.centreY,
      side: VIEW_SCALE * Math.max(c.width, c.height),
      angleRad: c.angleRad,
    }),
  );
  const input = new Float32Array(views.length * MESH_INPUT_PX * MESH_INPUT_PX * 3);
  views.forEach((view, i) => {
    const pixels = sampleSquare(picture, view, MESH_INPUT_PX, "black");
    const offset = i * pixels.length;
    for (let p = 0; p < pixels.length; p++) input[offset + p] = pixels[p]! / 255;
  });
  // Concatenates mesh and confidence to [N, 1404 + 1], so that one read fetches both.
  const values = runAndRead(() => {
    const outputs = model.execute(
      tf.tensor4d(input, [views.length, MESH_INPUT_PX, MESH_INPUT_PX, 3]),
    ) as Tensor[];
    const mesh = outputs.find((t) => t.shape.at(-1) === MESH_POINTS * 3)!;
    const flag = outputs.find((t) => t.shape.at(-1) === 1)!;
    return tf.concat([tf.reshape(mesh, [-1, MESH_POINTS * 3]), tf.reshape(flag, [-1, 1])], 1);
  });
  const row = MESH_POINTS * 3 + 1;
  return views.map((view, i) => ({
    points: toPicture(values.subarray(i * row, (i + 1) * row - 1), view),
    confidence: values[(i + 1) * row - 1]!,
  }));
}

/** (x, y, z) in input pixels -> (x, y) in pixels of the picture. */
function toPicture(coordinates: Float32Array, view: SquarePx): Float32Array {
  const points = new Float32Array(MESH_POINTS * 2);
  const cos = Math.cos(view.angleRad ?? 0);
  const sin = Math.sin(view.angleRad ?? 0);
  const scale = view.side / MESH_INPUT_PX;
  for (let i = 0; i < MESH_POINTS; i++) {
    const u = coordinates[3 * i]! * scale - view.side / 2;
    const v = coordinates[3 * i + 1]! * scale - view.side / 2;
    points[2 * i] = view.centreX + u * cos - v * sin;
    points[2 * i + 1] = view.centreY + u * sin + v * cos;
  }
  return points;
}
