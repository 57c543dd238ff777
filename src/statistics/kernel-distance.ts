import { countOf, type Features, innerProducts, type Products } from "./frechet-distance.ts";

/** Kernel distance with its standard error. */
export interface KernelDistance {
  readonly mean: number;
  /** Standard error over the subsets; null with one subset. */
  readonly standardError: number | null;
  /** Samples per set in a subset. */
  readonly subsetSize: number;
  readonly subsets: number;
}

/**
 * Kernel inception distance (Binkowski et al. 2018): the unbiased squared maximum mean discrepancy with the kernel
 * (x'y / d + 1)^3, averaged over subsets. Unlike the Frechet distance it is unbiased, so it may be slightly negative.
 *
 * @param options.uniform random numbers in [0, 1), to draw the subsets
 */
export function kernelDistance(
  a: Features,
  b: Features,
  options: { uniform: () => number; subsets?: number; subsetSize?: number; products?: Products },
): KernelDistance {
  const { uniform, products = innerProducts } = options;
  const subsetSize = Math.min(options.subsetSize ?? 500, countOf(a), countOf(b));
  if (subsetSize < 2) throw new RangeError("Expected two samples or more on each side.");
  const isWhole = subsetSize === countOf(a) && subsetSize === countOf(b);
  const subsets = isWhole ? 1 : (options.subsets ?? 20);
  const values = Array.from({ length: subsets }, () =>
    discrepancy(draw(a, subsetSize, uniform), draw(b, subsetSize, uniform), products),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (subsets - 1);
  return { mean, standardError: subsets > 1 ? Math.sqrt(variance / subsets) : null, subsetSize, subsets };
}

function discrepancy(a: Features, b: Features, products: Products): number {
  const n = countOf(a);
  const d = a.dimensions;
  const kernel = (value: number) => (value / d + 1) ** 3;
  let [within, between] = [0, 0];
  for (const side of [a, b]) {
    const all = products(side, side);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) within += kernel(all[i * n + j]!);
  }
  for (const value of products(a, b)) between += kernel(value);
  return within / (n * (n - 1)) - (2 * between) / (n * n);
}

/** Draws samples without replacement. */
function draw({ values, dimensions }: Features, count: number, uniform: () => number): Features {
  const all = values.length / dimensions;
  const order = Array.from({ length: all }, (_, i) => i);
  const out = new Float32Array(count * dimensions);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(uniform() * (all - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
    const begin = order[i]! * dimensions;
    out.set(values.subarray(begin, begin + dimensions), i * dimensions);
  }
  return { values: out, dimensions };
}
