/**
 * Gaussian blur; separable, kernel truncated at 3 sigma, edges repeated.
 *
 * @param source float32 [height, width, channels], row-major
 * @returns a new array of the same shape
 */
export function gaussianBlur(source: Float32Array, shape: Shape, sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= total;
  return alongColumns(alongRows(source, kernel, shape), kernel, shape);
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

function alongRows(
  source: Float32Array,
  kernel: Float32Array,
  { width, height, channels }: Shape,
): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(source.length);
  // The row with its ends repeated, so that the inner loop needs no bounds check.
  const padded = new Float32Array((width + 2 * radius) * channels);
  for (let row = 0; row < height; row++) {
    const begin = row * width * channels;
    for (let i = 0, p = 0; i < width + 2 * radius; i++) {
      const column = i < radius ? 0 : i - radius >= width ? width - 1 : i - radius;
      for (let c = 0; c < channels; c++) padded[p++] = source[begin + column * channels + c]!;
    }
    for (let i = 0; i < width * channels; i++) {
      let sum = 0;
      for (let k = 0, p = i; k < kernel.length; k++, p += channels) sum += kernel[k]! * padded[p]!;
      out[begin + i] = sum;
    }
  }
  return out;
}

/** Adds whole rows, because access along columns takes three times as long. */
function alongColumns(
  source: Float32Array,
  kernel: Float32Array,
  { width, height, channels }: Shape,
): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(source.length);
  const length = width * channels;
  for (let row = 0; row < height; row++) {
    const to = row * length;
    for (let k = -radius; k <= radius; k++) {
      const from = Math.min(height - 1, Math.max(0, row + k)) * length;
      const weight = kernel[k + radius]!;
      for (let i = 0; i < length; i++) out[to + i]! += weight * source[from + i]!;
    }
  }
  return out;
}
