import { countOf, type Features, innerProducts, type Products } from "./frechet-distance.ts";

/**
 * Improved precision and recall of generative models (Kynkaanniemi et al. 2019): the fraction of fakes within the
 * neighbourhood of a real, and of reals within the neighbourhood of a fake. A neighbourhood extends to the k-th nearest
 * sample of the same set.
 *
 * @param options.neighbours k. Default 3, as in the paper
 * @returns both in [0, 1]; low recall means mode collapse
 */
export function precisionRecall(
  real: Features,
  fake: Features,
  options: { neighbours?: number; products?: Products } = {},
): { precision: number; recall: number } {
  const { neighbours = 3, products = innerProducts } = options;
  const between = squaredDistances(real, fake, products);
  const [n, m] = [countOf(real), countOf(fake)];
  const realReach = reaches(real, neighbours, products);
  const fakeReach = reaches(fake, neighbours, products);
  const isCovered = { real: new Uint8Array(n), fake: new Uint8Array(m) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const distance = between[i * m + j]!;
      if (distance <= realReach[i]!) isCovered.fake[j] = 1;
      if (distance <= fakeReach[j]!) isCovered.real[i] = 1;
    }
  }
  return { precision: share(isCovered.fake), recall: share(isCovered.real) };
}

const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;

/** |x|^2 + |y|^2 - 2 x'y, row-major [n, m]. */
function squaredDistances(a: Features, b: Features, products: Products): Float32Array {
  const [x, y] = [squaredLengths(a), squaredLengths(b)];
  return products(a, b).map((value, i) =>
    Math.max(0, x[Math.floor(i / y.length)]! + y[i % y.length]! - 2 * value),
  );
}

function squaredLengths({ values, dimensions }: Features): Float64Array {
  const out = new Float64Array(values.length / dimensions);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / dimensions)]! += values[i]! ** 2;
  return out;
}

/** Squared distance of each sample to its k-th nearest neighbour. */
function reaches(features: Features, k: number, products: Products): Float64Array {
  const n = countOf(features);
  if (n <= k) throw new RangeError(`Expected more than ${k} samples on each side.`);
  const distances = squaredDistances(features, features, products);
  return Float64Array.from({ length: n }, (_, i) => {
    const row = distances.slice(i * n, (i + 1) * n);
    row[i] = Number.POSITIVE_INFINITY;
    return row.sort()[k - 1]!;
  });
}

/** Mean distance between the samples of a set; near 0 after mode collapse. */
export function spread(features: Features, products: Products = innerProducts): number {
  const n = countOf(features);
  if (n < 2) return 0;
  const sum = squaredDistances(features, features, products).reduce((total, d) => total + Math.sqrt(d), 0);
  return sum / (n * (n - 1));
}
