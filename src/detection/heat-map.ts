import type { Picture } from "../media/index.ts";
import type { HeatMap } from "../types/pictures.ts";

/** RGB 0 to 255. */
export interface Color {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** In [0, 1]: 0 is transparent. */
  readonly opacity: number;
}

/**
 * Colour ramp by probability of fake. From light to dark, so that it also works in greyscale, in hues for colour-blind
 * readers (Okabe & Ito 2008). Transparent below the first stop.
 */
export const colorStops: readonly (Color & { readonly fake: number })[] = [
  { fake: 0.3, red: 240, green: 228, blue: 66, opacity: 0 },
  { fake: 0.5, red: 240, green: 180, blue: 20, opacity: 0.28 },
  { fake: 0.75, red: 213, green: 94, blue: 0, opacity: 0.42 },
  { fake: 0.95, red: 110, green: 0, blue: 90, opacity: 0.55 },
];
/** Probabilities with contour lines. */
const CONTOURS = [0.5, 0.75, 0.95] as const;
/** Half the width of a contour, relative to the crop's side, and its opacity. */
const [CONTOUR_HALF, CONTOUR_OPACITY] = [0.0045, 0.6];
/** Semi-axes of the face in its crop; the longer side of the mesh is 1 / 1.3 of the crop's side. */
const [FACE_RX, FACE_RY] = [0.36, 0.44];
/** Width of the fade at the face's outline, relative to the semi-axes. */
const FADE = 0.12;

/** Whether any place inside the face's outline looks more fake than not. */
export function isHot({ width, height, fake }: HeatMap): boolean {
  return Array.from(fake).some(
    (value, i) =>
      value > CONTOURS[0] &&
      faceMask(((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height) > 0,
  );
}

/** Colour of a probability in [0, 1]. */
export function colorAt(fake: number): Color {
  const after = colorStops.findIndex((stop) => stop.fake > fake);
  if (after === 0) return { ...colorStops[0]!, opacity: 0 };
  const [from, to] =
    after === -1 ? [colorStops.at(-1)!, colorStops.at(-1)!] : [colorStops[after - 1]!, colorStops[after]!];
  const share = to === from ? 0 : (fake - from.fake) / (to.fake - from.fake);
  const lerp = (a: number, b: number) => a + share * (b - a);
  return {
    red: lerp(from.red, to.red),
    green: lerp(from.green, to.green),
    blue: lerp(from.blue, to.blue),
    opacity: lerp(from.opacity, to.opacity),
  };
}

/** Opacity of the heat map at a position of the crop: 1 inside the face's outline, 0 outside. @param u, v in [0, 1] */
function faceMask(u: number, v: number): number {
  const radius = Math.hypot((u - 0.5) / FACE_RX, (v - 0.5) / FACE_RY);
  return Math.min(1, Math.max(0, (1 - radius) / FADE));
}

/**
 * Renders a heat map with contours, transparent outside the face's outline.
 *
 * @param sidePx side of the output
 * @returns RGBA uint8 [sidePx, sidePx, 4], straight alpha
 */
export function renderHeatMap(map: HeatMap, sidePx: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(sidePx * sidePx * 4);
  const fakes = upsample(map, sidePx);
  const step = 1 / sidePx;
  for (let row = 0, i = 0; row < sidePx; row++) {
    for (let column = 0; column < sidePx; column++, i++) {
      const mask = faceMask((column + 0.5) * step, (row + 0.5) * step);
      if (mask === 0) continue;
      const fake = fakes[i]!;
      const right = column + 1 < sidePx ? fakes[i + 1]! : fake;
      const below = row + 1 < sidePx ? fakes[i + sidePx]! : fake;
      const edge = contourAt(fake, Math.hypot(right - fake, below - fake) / step, step);
      const { red, green, blue, opacity } = colorAt(fake);
      const over = edge * CONTOUR_OPACITY;
      const alpha = over + opacity * (1 - over);
      if (alpha === 0) continue;
      const white = over / alpha;
      const p = 4 * i;
      pixels[p] = 255 * white + red * (1 - white);
      pixels[p + 1] = 255 * white + green * (1 - white);
      pixels[p + 2] = 255 * white + blue * (1 - white);
      pixels[p + 3] = 255 * alpha * mask;
    }
  }
  return pixels;
}

/** Upsamples a map by cubic convolution (Keys 1981). @returns [sidePx, sidePx] in [0, 1] */
function upsample({ width, height, fake }: HeatMap, sidePx: number): Float32Array {
  const rows = new Float32Array(height * sidePx);
  for (let x = 0; x < sidePx; x++) {
    const { at, weights } = taps(width, (x + 0.5) / sidePx);
    for (let y = 0; y < height; y++) {
      rows[y * sidePx + x] = at.reduce((sum, column, k) => sum + weights[k]! * fake[y * width + column]!, 0);
    }
  }
  const out = new Float32Array(sidePx * sidePx);
  for (let y = 0; y < sidePx; y++) {
    const { at, weights } = taps(height, (y + 0.5) / sidePx);
    const [a, b, c, d] = at.map((row) => row * sidePx) as [number, number, number, number];
    const [wa, wb, wc, wd] = weights;
    for (let x = 0; x < sidePx; x++) {
      const value = wa * rows[a + x]! + wb * rows[b + x]! + wc * rows[c + x]! + wd * rows[d + x]!;
      out[y * sidePx + x] = Math.min(1, Math.max(0, value));
    }
  }
  return out;
}

/** The four cells around a position and their weights. @param share position in [0, 1] over all `cells` */
function taps(cells: number, share: number): { at: number[]; weights: [number, number, number, number] } {
  const x = share * cells - 0.5;
  const first = Math.floor(x);
  const t = x - first;
  const at = [-1, 0, 1, 2].map((k) => Math.min(cells - 1, Math.max(0, first + k)));
  return {
    at,
    weights: [
      0.5 * (-t + 2 * t * t - t * t * t),
      0.5 * (2 - 5 * t * t + 3 * t * t * t),
      0.5 * (t + 4 * t * t - 3 * t * t * t),
      0.5 * (-t * t + t * t * t),
    ],
  };
}

/** Share of a pixel that a contour covers. @param slope of the probability per side of the crop */
function contourAt(fake: number, slope: number, pixel: number): number {
  // A contour on a plateau would show noise only.
  if (slope < 0.2) return 0;
  const half = Math.max(CONTOUR_HALF, 0.75 * pixel);
  let cover = 0;
  for (const level of CONTOURS) {
    const away = Math.abs(fake - level) / slope;
    cover = Math.max(cover, Math.min(1, (half - away) / pixel + 0.5));
  }
  return Math.max(0, cover);
}

/** Draws a heat map over its crop. @param crop RGB uint8 [side, side, 3]; not changed @returns a new picture */
export function drawHeatMap(crop: Picture, map: HeatMap): Picture {
  const { width, height } = crop;
  const data = new Uint8Array(crop.data);
  const pixels = renderHeatMap(map, width);
  for (let i = 0; i < width * height; i++) {
    const alpha = pixels[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = Math.round(data[3 * i + c]! + alpha * (pixels[4 * i + c]! - data[3 * i + c]!));
    }
  }
  return { width, height, data };
}
