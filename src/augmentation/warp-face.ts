import type { Random } from "../engine/index.ts";

/** Cells of the deformation grid, and maximum displacement as a fraction of the side. */
const CELLS = 4;
const MAX_SHIFT = 0.04;

/**
 * Random elastic deformation, rotation, scale and shift. The encoder of a face swap is trained on warped faces so that it
 * encodes expression rather than identity (DeepFaceLab, Perov et al. 2020).
 *
 * @param source float32 [side, side, 3], starting at `offset`
 * @param target same layout; written at the same offset
 */
export function warpFace(
  source: Float32Array,
  target: Float32Array,
  { side, offset, random }: { side: number; offset: number; random: Random },
): void {
  const grid = () =>
    Float32Array.from({ length: (CELLS + 1) ** 2 }, () => random.between(-MAX_SHIFT, MAX_SHIFT) * side);
  const [dx, dy] = [grid(), grid()];
  const turn = random.between(-0.15, 0.15);
  const scale = random.between(0.93, 1.07);
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
  const [moveX, moveY] = [random.between(-0.04, 0.04) * side, random.between(-0.04, 0.04) * side];
  const middle = (side - 1) / 2;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [u, v] = [column - middle, row - middle];
      const x = middle + u * cos - v * sin + moveX + gridValue(dx, row / side, column / side);
      const y = middle + u * sin + v * cos + moveY + gridValue(dy, row / side, column / side);
      bilinear(source, target, { x, y, side, offset, at: offset + (row * side + column) * 3 });
    }
  }
}

/** Bilinear interpolation in the grid. @param v, u in [0, 1) */
function gridValue(grid: Float32Array, v: number, u: number): number {
  const [r, c] = [Math.floor(v * CELLS), Math.floor(u * CELLS)];
  const [fv, fu] = [v * CELLS - r, u * CELLS - c];
  const i = r * (CELLS + 1) + c;
  const above = grid[i]! * (1 - fu) + grid[i + 1]! * fu;
  const below = grid[i + CELLS + 1]! * (1 - fu) + grid[i + CELLS + 2]! * fu;
  return above * (1 - fv) + below * fv;
}

/** Samples one pixel bilinearly; edges are repeated. */
function bilinear(
  source: Float32Array,
  target: Float32Array,
  { x, y, side, offset, at }: { x: number; y: number; side: number; offset: number; at: number },
): void {
  const cx = Math.min(side - 1, Math.max(0, x));
  const cy = Math.min(side - 1, Math.max(0, y));
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [fx, fy] = [cx - x0, cy - y0];
  const here = offset + (y0 * side + x0) * 3;
  const right = x0 < side - 1 ? 3 : 0;
  const down = y0 < side - 1 ? side * 3 : 0;
  for (let c = 0; c < 3; c++) {
    const above = source[here + c]! * (1 - fx) + source[here + right + c]! * fx;
    const below = source[here + down + c]! * (1 - fx) + source[here + down + right + c]! * fx;
    target[at + c] = above * (1 - fy) + below * fy;
  }
}
