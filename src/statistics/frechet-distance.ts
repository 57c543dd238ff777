import { symmetricEigen } from "./symmetric-eigen.ts";

/** Features of n samples, row-major [n, dimensions]. */
export interface Features {
  readonly values: Float32Array;
  readonly dimensions: number;
}

export const countOf = ({ values, dimensions }: Features): number => values.length / dimensions;

/** Mean [d] and covariance [d, d] (divided by n - 1) of features. */
export function moments({ values, dimensions: d }: Features): {
  mean: Float64Array;
  covariance: Float64Array;
} {
  const n = values.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < values.length; i++) mean[i % d]! += values[i]! / n;
  const covariance = new Float64Array(d * d);
  const centred = new Float64Array(d);
  for (let row = 0; row < n; row++) {
    for (let j = 0; j < d; j++) centred[j] = values[row * d + j]! - mean[j]!;
    for (let j = 0; j < d; j++) {
      const factor = centred[j]! / (n - 1);
      for (let k = j; k < d; k++) covariance[j * d + k]! += factor * centred[k]!;
    }
  }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) covariance[j * d + k] = covariance[k * d + j]!;
  return { mean, covariance };
}

/**
 * Frechet distance between normal distributions fitted to two sets of features (Dowson & Landau 1982; Heusel et al.
 * 2017): |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).
 *
 * Biased upwards for few samples; compare only values with the same n.
 *
 * @throws RangeError with fewer than two samples in a set
 */
export function frechetDistance(a: Features, b: Features): number {
  if (countOf(a) < 2 || countOf(b) < 2) throw new RangeError("Expected two samples or more on each side.");
  const d = a.dimensions;
  if (Math.min(countOf(a), countOf(b)) < d) return frechetOfFew(a, b);
  const [x, y] = [moments(a), moments(b)];
  let distance = 0;
  for (let j = 0; j < d; j++) {
    distance += (x.mean[j]! - y.mean[j]!) ** 2 + x.covariance[j * d + j]! + y.covariance[j * d + j]!;
  }
  // (C1 C2)^(1/2) has the trace of (R C2 R)^(1/2) with R = C1^(1/2), which is symmetric.
  const root = squareRoot(x.covariance, d);
  const product = multiply(multiply(root, y.covariance, d), root, d);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < j; k++) {
      product[j * d + k] = product[k * d + j] = (product[j * d + k]! + product[k * d + j]!) / 2;
    }
  }
  for (const value of symmetricEigen(product, d).values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return distance;
}

/**
 * Faster with fewer samples than dimensions: with A and B the centred features divided by sqrt(n - 1), tr (C1 C2)^(1/2) is
 * the sum of the singular values of A B' [n, m].
 */
function frechetOfFew(a: Features, b: Features): number {
  const [x, y] = countOf(a) <= countOf(b) ? [centred(a), centred(b)] : [centred(b), centred(a)];
  const [n, m] = [countOf(x.rows), countOf(y.rows)];
  let distance = 0;
  for (const [j, value] of x.mean.entries()) distance += (value - y.mean[j]!) ** 2;
  for (const side of [x, y]) for (const value of side.rows.values) distance += value * value;
  const product = { values: innerProducts(x.rows, y.rows), dimensions: m };
  const square = Float64Array.from(innerProducts(product, product));
  for (const value of symmetricEigen(square, n).values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return distance;
}

function centred({ values, dimensions: d }: Features): { mean: Float64Array; rows: Features } {
  const n = values.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < values.length; i++) mean[i % d]! += values[i]! / n;
  const scale = 1 / Math.sqrt(n - 1);
  const rows = { values: values.map((value, i) => (value - mean[i % d]!) * scale), dimensions: d };
  return { mean, rows };
}

function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  const scaled = Float64Array.from(vectors, (value, i) => value * Math.max(0, values[i % n]!) ** 0.25);
  return multiplyTransposed(scaled, scaled, n);
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * b[k * n + j]!;
    }
  }
  return out;
}

function multiplyTransposed(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[j * n + k]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}

/** Inner products of all rows of a with all rows of b, row-major [n, m]. */
export function innerProducts(a: Features, b: Features): Float32Array {
  const [n, m, d] = [countOf(a), countOf(b), a.dimensions];
  const out = new Float32Array(n * m);
  const isSame = a === b;
  for (let i = 0; i < n; i++) {
    for (let j = isSame ? i : 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += a.values[i * d + k]! * b.values[j * d + k]!;
      out[i * m + j] = sum;
      if (isSame) out[j * m + i] = sum;
    }
  }
  return out;
}

/** Computes {@link innerProducts}; TensorFlow is a hundred times as fast as the default. */
export type Products = (a: Features, b: Features) => Float32Array;
