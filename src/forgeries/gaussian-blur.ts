/**
 * Gaussian blur of a plane or a picture, edges repeated; separable, kernel cut at 3 sigma.
 *
 * @param source float32 [height, width, channels], row-major
 * @returns a new array of the same shape
 */
export function gaussianBlur(
  source: Float32Array,
  shape: { width: number; height: number; channels: number },
  sigma: number,
): Float32Array {
  const { width, height, channels } = shape;
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= total;
  const rows = convolve(source, kernel, {
    lines: height,
    length: width,
    step: channels,
    stride: width * channels,
    channels,
  });
  return convolve(rows, kernel, {
    lines: width,
    length: height,
    step: width * channels,
    stride: channels,
    channels,
  });
}

interface Walk {
  /** How many rows (or columns) there are, and how many values each has. */
  readonly lines: number;
  readonly length: number;
  /** Distance in the array from one value of a line to the next, and from one line to the next. */
  readonly step: number;
  readonly stride: number;
  readonly channels: number;
}

function convolve(source: Float32Array, kernel: Float32Array, walk: Walk): Float32Array {
  const { lines, length, step, stride, channels } = walk;
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(source.length);
  for (let line = 0; line < lines; line++) {
    for (let c = 0; c < channels; c++) {
      const base = line * stride + c;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        if (i >= radius && i < length - radius) {
          let at = base + (i - radius) * step;
          for (let k = 0; k < kernel.length; k++, at += step) sum += kernel[k]! * source[at]!;
        } else {
          for (let k = -radius; k <= radius; k++) {
            const j = i + k < 0 ? 0 : i + k >= length ? length - 1 : i + k;
            sum += kernel[k + radius]! * source[base + j * step]!;
          }
        }
        out[base + i * step] = sum;
      }
    }
  }
  return out;
}
