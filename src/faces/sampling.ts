/** RGB uint8 [height, width, 3], row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A square of the picture, possibly turned and reaching past the edges. */
export interface SquarePx {
  /** Centre in pixels; (0, 0) is the top left corner of the top left pixel. */
  readonly centreX: number;
  readonly centreY: number;
  /** Side in pixels. */
  readonly side: number;
  /** Clockwise turn in radians; 0 when left out. */
  readonly angleRad?: number;
}

/** What stands outside of the picture: its nearest pixel, or black. */
export type Beyond = "edge" | "black";

/**
 * Resamples a square of a picture to `size` x `size`.
 *
 * Bilinear when enlarging; when shrinking by s, each output pixel is the mean of ceil(s)^2 bilinear taps (at most
 * 8 x 8), which keeps aliasing out: aliasing looks like the up-sampling artefacts that a detector hunts for.
 * The same code cuts faces for training and for use, so that no resampler can tell the two apart.
 *
 * @returns RGB uint8 [size, size, 3]
 */
export function sampleSquare(picture: Picture, square: SquarePx, size: number, beyond: Beyond): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  const step = square.side / size;
  const taps = Math.min(8, Math.max(1, Math.ceil(step - 1e-6)));
  const cos = Math.cos(square.angleRad ?? 0);
  const sin = Math.sin(square.angleRad ?? 0);
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
        const v = (row + (i + 0.5) / taps) * step - square.side / 2;
        for (let j = 0; j < taps; j++) {
          const u = (column + (j + 0.5) / taps) * step - square.side / 2;
          // Pixel centres lie at half integers.
          let x = square.centreX + u * cos - v * sin - 0.5;
          let y = square.centreY + u * sin + v * cos - 0.5;
          if (beyond === "black" && (x <= -1 || y <= -1 || x >= width || y >= height)) continue;
          x = x < 0 ? 0 : Math.min(x, maxX);
          y = y < 0 ? 0 : Math.min(y, maxY);
          const x0 = x | 0;
          const y0 = y | 0;
          const fx = x - x0;
          const fy = y - y0;
          const p = (y0 * width + x0) * 3;
          const right = x0 < maxX ? 3 : 0;
          const down = y0 < maxY ? width * 3 : 0;
          const w00 = (1 - fx) * (1 - fy);
          const w10 = fx * (1 - fy);
          const w01 = (1 - fx) * fy;
          const w11 = fx * fy;
          r +=
            data[p]! * w00 + data[p + right]! * w10 + data[p + down]! * w01 + data[p + down + right]! * w11;
          g +=
            data[p + 1]! * w00 +
            data[p + right + 1]! * w10 +
            data[p + down + 1]! * w01 +
            data[p + down + right + 1]! * w11;
          b +=
            data[p + 2]! * w00 +
            data[p + right + 2]! * w10 +
            data[p + down + 2]! * w01 +
            data[p + down + right + 2]! * w11;
        }
      }
      out[o++] = r * weight + 0.5;
      out[o++] = g * weight + 0.5;
      out[o++] = b * weight + 0.5;
    }
  }
  return out;
}

/**
 * Shrinks a picture by a whole factor, each output pixel the mean of factor x factor pixels; what is left over at the
 * right and at the bottom is dropped.
 *
 * One pass over the pixels: where several squares of a large picture are sampled far smaller, this comes first.
 */
export function shrinkPicture(picture: Picture, factor: number): Picture {
  if (factor <= 1) return picture;
  const width = Math.floor(picture.width / factor);
  const height = Math.floor(picture.height / factor);
  const data = new Uint8Array(width * height * 3);
  const sums = new Uint32Array(width * 3);
  const area = factor * factor;
  for (let row = 0; row < height; row++) {
    sums.fill(0);
    for (let i = 0; i < factor; i++) {
      let p = (row * factor + i) * picture.width * 3;
      for (let s = 0; s < sums.length; s += 3) {
        for (let j = 0; j < factor; j++, p += 3) {
          sums[s]! += picture.data[p]!;
          sums[s + 1]! += picture.data[p + 1]!;
          sums[s + 2]! += picture.data[p + 2]!;
        }
      }
    }
    const out = row * width * 3;
    for (let s = 0; s < sums.length; s++) data[out + s] = sums[s]! / area + 0.5;
  }
  return { width, height, data };
}
