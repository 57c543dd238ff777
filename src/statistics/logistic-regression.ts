/** One training example. */
export interface LabelledRow {
  /** Features with a scale of about 1; the same number in every row. */
  readonly features: readonly number[];
  readonly isReal: boolean;
}

/** logit = bias + sum of weight times feature; above 0 is real. */
export interface LogisticModel {
  readonly bias: number;
  readonly weights: readonly number[];
}

/**
 * Logistic regression with balanced classes and a ridge penalty, by Newton's method.
 *
 * @param options.ridge ridge / 2 * |weights|^2 is added to the loss, which is summed over rows
 */
export function fitLogistic(
  rows: readonly LabelledRow[],
  { ridge }: { readonly ridge: number },
): LogisticModel {
  const reals = rows.filter((row) => row.isReal).length;
  const weightOf = (isReal: boolean) => rows.length / (2 * (isReal ? reals : rows.length - reals));
  const inputs = rows.map((row) => [1, ...row.features]);
  const size = inputs[0]?.length ?? 1;
  let beta = new Array<number>(size).fill(0);
  for (let round = 0; round < 30; round++) {
    const gradient = beta.map((b, i) => (i === 0 ? 0 : ridge * b));
    const curvature = beta.map((_, i) => beta.map((_, j) => (i === j ? (i === 0 ? 1e-9 : ridge) : 0)));
    rows.forEach((row, r) => {
      const x = inputs[r]!;
      const p = 1 / (1 + Math.exp(-dot(x, beta)));
      const weight = weightOf(row.isReal);
      const gap = weight * (p - Number(row.isReal));
      const curve = weight * p * (1 - p);
      for (let i = 0; i < size; i++) {
        gradient[i]! += gap * x[i]!;
        const scaled = curve * x[i]!;
        for (let j = 0; j <= i; j++) curvature[i]![j]! += scaled * x[j]!;
      }
    });
    const step = solveSymmetric(curvature, gradient);
    beta = beta.map((b, i) => b - step[i]!);
    if (Math.max(...step.map(Math.abs)) < 1e-8) break;
  }
  const [bias = 0, ...weights] = beta;
  return { bias, weights };
}

/** Logit of one row. */
export function logitOf({ bias, weights }: LogisticModel, features: readonly number[]): number {
  return bias + dot(weights, features);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** Solves A x = b by Cholesky decomposition. @param a positive definite; the lower half is read and overwritten */
function solveSymmetric(a: number[][], b: readonly number[]): number[] {
  const size = b.length;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i]![j]!;
      for (let k = 0; k < j; k++) sum -= a[i]![k]! * a[j]![k]!;
      a[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j]![j]!;
    }
  }
  const x = [...b];
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i]![k]! * x[k]!;
    x[i]! /= a[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= a[k]![i]! * x[k]!;
    x[i]! /= a[i]![i]!;
  }
  return x;
}
