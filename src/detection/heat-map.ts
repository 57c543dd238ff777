import type { Picture } from "../media/index.ts";

/** How authentic each part of a face's crop looks by itself: calibrated logits, below 0 forged, above 0 authentic. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  /** Row by row from the top left; the sigmoid of their mean is the face's authenticity. */
  readonly logits: Float32Array;
}

/** A colour to lay over a picture. */
export interface Tint {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** In [0, 1]: 0 leaves the picture as it is. */
  readonly opacity: number;
}

/** Vermillion and bluish green, told apart by colour-blind readers too (Okabe & Ito 2008). */
const FORGED = { red: 213, green: 94, blue: 0 } as const;
const AUTHENTIC = { red: 0, green: 158, blue: 115 } as const;
/** A logit this far from 0 (authenticity 0.02 or 0.98) has the full colour. */
const FULL_LOGIT = 4;
/** Leaves the face visible under the heat. */
const MAX_OPACITY = 0.6;

/** The colour of a logit: vermillion where it looks forged, green where authentic, none where it says nothing. */
export function tintOf(logit: number): Tint {
  const strength = Math.min(1, Math.abs(logit) / FULL_LOGIT);
  return { ...(logit < 0 ? FORGED : AUTHENTIC), opacity: MAX_OPACITY * strength };
}

/**
 * The logit at a place of the crop, between the centres of the cells bilinearly.
 *
 * @param u from 0 at the left to 1 at the right
 * @param v from 0 at the top to 1 at the bottom
 */
export function logitAt({ width, height, logits }: HeatMap, u: number, v: number): number {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const at = (column: number, row: number) => logits[row * width + column]!;
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
      const tint = tintOf(logitAt(heat, (column + 0.5) / width, (row + 0.5) / height));
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
