/** RGB uint8 [height, width, 3], row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A square of the picture; may be rotated and extend beyond the edges. */
export interface SquarePx {
  /** Centre in pixels; (0, 0) is the top left corner of the top left pixel. */
  readonly centreX: number;
  readonly centreY: number;
  /** Side in pixels. */
  readonly side: number;
  /** Clockwise rotation in radians. Default 0. */
  readonly angleRad?: number;
}

/** Values outside the picture: the nearest pixel, or black. */
export type PaddingMode = "edge" | "black";

/**
 * Resamples a square of a picture to `size` x `size`.
 *
 * Bilinear for enlarging. For shrinking by s, each output pixel is the mean of ceil(s)^2 bilinear taps (at most 8 x 8),
 * because aliasing would look like the upsampling artefacts of generators. Training and detection use the same code.
 *
 * @returns RGB uint8 [size, size, 3]
 */
export function sampleSquare(
  picture: Picture,
  square: SquarePx,
  size: number,
  padding: PaddingMode,
): Uint8Array {
  const { centreX, centreY, side, angleRad = 0 } = square;
  if (angleRad === 0) {
    const area = { left: centreX - side / 2, top: centreY - side / 2, width: side, height: side };
    return sampleUpright(picture, area, { width: size, height: size }, padding);
  }
  const out = new Uint8Array(size * size * 3);
  const step = side / size;
  const taps = tapsOf(step);
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  const { width, height, data } = picture;
  const weight = 1 / (taps * taps);
  const maxX = width - 1;
  const maxY = height - 1;
  let o = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let i = 0; i < taps; i++) {
        const v = (row + (i + 0.5) / taps) * step - side / 2;
        for (let j = 0; j < taps; j++) {
          const u = (column + (j + 0.5) / taps) * step - side / 2;
          // Pixel centres lie at half integers.
          let x = centreX + u * cos - v * sin - 0.5;
          let y = centreY + u * sin + v * cos - 0.5;
          if (padding === "black" && (x <= -1 || y <= -1 || x >= width || y >= height)) continue;
          x = x < 0 ? 0 : Math.min(x, maxX);
          y = y < 0 ? 0 : Math.min(y, maxY);
          const x0 = x | 0;
          const y0 = y | 0;
          const fx = x - x0;
          const fy = y - y0;
          const p = (y0 * width + x0) * 3;
          const q = p + (x0 < maxX ? 3 : 0);
          const down = y0 < maxY ? width * 3 : 0;
          const w00 = (1 - fx) * (1 - fy);
          const w10 = fx * (1 - fy);
          const w01 = (1 - fx) * fy;
          const w11 = fx * fy;
          r += data[p]! * w00 + data[q]! * w10 + data[p + down]! * w01 + data[q + down]! * w11;
          g +=
            data[p + 1]! * w00 + data[q + 1]! * w10 + data[p + down + 1]! * w01 + data[q + down + 1]! * w11;
          b +=
            data[p + 2]! * w00 + data[q + 2]! * w10 + data[p + down + 2]! * w01 + data[q + down + 2]! * w11;
        }
      }
      out[o++] = r * weight + 0.5;
      out[o++] = g * weight + 0.5;
      out[o++] = b * weight + 0.5;
    }
  }
  return out;
}

/** Sample positions along one axis, `taps` per output pixel. */
interface Axis {
  /** Pixel before the sample; -1 for a black sample outside the picture. */
  readonly first: Int32Array;
  /** 1 if there is a next pixel, else 0. */
  readonly next: Uint8Array;
  /** Position between the first and the next pixel, in [0, 1). */
  readonly fraction: Float64Array;
}

/**
 * Resamples an upright rectangle with the same samples and weights as {@link sampleSquare}. The sample positions are computed
 * once for all rows and columns.
 *
 * @param area picture pixels; may extend beyond the edges. Both axes have the same scale
 * @param size size of the result in pixels
 * @returns RGB uint8 [size.height, size.width, 3]
 */
export function sampleUpright(
  { width, height, data }: Picture,
  area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
  padding: PaddingMode,
): Uint8Array {
  const step = area.width / size.width;
  const taps = tapsOf(step);
  const axis = { step, taps, padding };
  const columns = sampleAxis({ ...axis, start: area.left, samples: size.width, length: width });
  const rows = sampleAxis({ ...axis, start: area.top, samples: size.height, length: height });
  const out = new Uint8Array(size.width * size.height * 3);
  const weight = 1 / (taps * taps);
  const line = width * 3;
  let o = 0;
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let i = row * taps; i < (row + 1) * taps; i++) {
        const y0 = rows.first[i]!;
        if (y0 < 0) continue;
        const fy = rows.fraction[i]!;
        const down = rows.next[i]! * line;
        for (let j = column * taps; j < (column + 1) * taps; j++) {
          const x0 = columns.first[j]!;
          if (x0 < 0) continue;
          const fx = columns.fraction[j]!;
          const p = y0 * line + x0 * 3;
          const q = p + columns.next[j]! * 3;
          const w00 = (1 - fx) * (1 - fy);
          const w10 = fx * (1 - fy);
          const w01 = (1 - fx) * fy;
          const w11 = fx * fy;
          r += data[p]! * w00 + data[q]! * w10 + data[p + down]! * w01 + data[q + down]! * w11;
          g +=
            data[p + 1]! * w00 + data[q + 1]! * w10 + data[p + down + 1]! * w01 + data[q + down + 1]! * w11;
          b +=
            data[p + 2]! * w00 + data[q + 2]! * w10 + data[p + down + 2]! * w01 + data[q + down + 2]! * w11;
        }
      }
      out[o++] = r * weight + 0.5;
      out[o++] = g * weight + 0.5;
      out[o++] = b * weight + 0.5;
    }
  }
  return out;
}

function sampleAxis(options: {
  /** Start of the first output pixel, in picture pixels. */
  readonly start: number;
  readonly step: number;
  readonly taps: number;
  /** Number of output pixels. */
  readonly samples: number;
  /** Number of picture pixels. */
  readonly length: number;
  readonly padding: PaddingMode;
}): Axis {
  const { start, step, taps, samples, length, padding } = options;
  const count = samples * taps;
  const axis = {
    first: new Int32Array(count),
    next: new Uint8Array(count),
    fraction: new Float64Array(count),
  };
  // Computed from the centre, for the same rounding as in a rotated square.
  const half = (samples * step) / 2;
  const centre = start + half;
  for (let k = 0; k < samples; k++) {
    for (let i = 0; i < taps; i++) {
      const at = centre + ((k + (i + 0.5) / taps) * step - half) - 0.5;
      const index = k * taps + i;
      if (padding === "black" && (at <= -1 || at >= length)) {
        axis.first[index] = -1;
        continue;
      }
      const inside = at < 0 ? 0 : Math.min(at, length - 1);
      const first = inside | 0;
      axis.first[index] = first;
      axis.next[index] = first < length - 1 ? 1 : 0;
      axis.fraction[index] = inside - first;
    }
  }
  return axis;
}

/** Number of taps per axis for output pixels that are `step` picture pixels wide. */
function tapsOf(step: number): number {
  return Math.min(8, Math.max(1, Math.ceil(step - 1e-6)));
}

/**
 * Shrinks a picture by an integer factor; each output pixel is the mean of factor x factor pixels. A remainder at the right
 * and at the bottom is dropped.
 */
export function shrinkPicture(picture: Picture, factor: number): Picture {
  if (factor <= 1) return picture;
  const width = Math.floor(picture.width / factor);
  const height = Math.floor(picture.height / factor);
  const data = new Uint8Array(width * height * 3);
  const area = factor * factor;
  const line = picture.width * 3;
  let o = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let start = row * factor * line + column * factor * 3;
      for (let i = 0; i < factor; i++, start += line) {
        for (let p = start; p < start + factor * 3; p += 3) {
          r += picture.data[p]!;
          g += picture.data[p + 1]!;
          b += picture.data[p + 2]!;
        }
      }
      data[o++] = r / area + 0.5;
      data[o++] = g / area + 0.5;
      data[o++] = b / area + 0.5;
    }
  }
  return { width, height, data };
}
