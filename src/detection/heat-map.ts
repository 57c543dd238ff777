import type { Picture } from "../media/index.ts";

/** Where a face's crop looks fake: the output of the localization head. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  /** Probability in [0, 1] that each cell is fake, row by row from the top left. */
  readonly fake: Float32Array;
}

/** A colour to lay over a picture. */
export interface Tint {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** In [0, 1]: 0 leaves the picture as it is. */
  readonly opacity: number;
}

/** Vermillion: colour-blind readers see it on skin (Okabe & Ito 2008). */
const FAKE = { red: 213, green: 94, blue: 0 } as const;
/** Probabilities below the first are not drawn; from the second on the tint has its full opacity. */
const [NOT_DRAWN, FULL] = [0.3, 0.9];
/** Leaves the face visible under the heat. */
const MAX_OPACITY = 0.65;

/** The tint of a cell: the same for the same probability in every file, none where it is below 0.3. */
export function tintOf(fake: number): Tint {
  const strength = Math.min(1, Math.max(0, (fake - NOT_DRAWN) / (FULL - NOT_DRAWN)));
  return { ...FAKE, opacity: MAX_OPACITY * strength };
}

/**
 * The probability at a place of the crop, bilinear between the centres of the cells.
 *
 * @param u from 0 at the left to 1 at the right
 * @param v from 0 at the top to 1 at the bottom
 */
export function fakeAt({ width, height, fake }: HeatMap, u: number, v: number): number {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const at = (column: number, row: number) => fake[row * width + column]!;
  const above = at(x0, y0) + (x - x0) * (at(x1, y0) - at(x0, y0));
  const below = at(x0, y1) + (x - x0) * (at(x1, y1) - at(x0, y1));
  return above + (y - y0) * (below - above);
}

/** The crop with its heat drawn over it. @param crop RGB uint8 [height, width, 3]; not changed */
export function drawHeat(crop: Picture, heat: HeatMap): Picture {
  const { width, height } = crop;
  const data = new Uint8Array(crop.data);
  for (let row = 0, p = 0; row < height; row++) {
    for (let column = 0; column < width; column++, p += 3) {
      const tint = tintOf(fakeAt(heat, (column + 0.5) / width, (row + 0.5) / height));
      data[p] = mix(data[p]!, tint.red, tint.opacity);
      data[p + 1] = mix(data[p + 1]!, tint.green, tint.opacity);
      data[p + 2] = mix(data[p + 2]!, tint.blue, tint.opacity);
    }
  }
  return { width, height, data };
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + share * (to - from));
}
