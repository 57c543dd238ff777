import { type Tensor4D, tf } from "../engine/index.ts";

/** Cells between the border of a map and its middle, which is as near to the share as whole cells on both sides come. */
function edgeOf(side: number, share: number): number {
  return Math.round((side * (1 - share)) / 2);
}

/** The middle of maps [N, S, S, C], of this share of their side. */
export function middleOf(maps: Tensor4D, share: number): Tensor4D {
  const edge = edgeOf(maps.shape[1], share);
  const side = maps.shape[1] - 2 * edge;
  return edge === 0 ? maps : tf.slice(maps, [0, edge, edge, 0], [-1, side, side, -1]);
}

/** Cells of a middle [N, k, k, 1] as cells of the whole [N, side, side, 1], of the same mean. */
export function onWhole(cells: Tensor4D, side: number): Tensor4D {
  const inner = cells.shape[1];
  if (inner === side) return cells;
  const edge = (side - inner) / 2;
  const around: [number, number] = [edge, edge];
  return tf.pad(tf.mul(cells, (side / inner) ** 2) as Tensor4D, [[0, 0], around, around, [0, 0]]);
}
