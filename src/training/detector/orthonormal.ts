import { readValues, type Tensor2D, tf } from "../../engine/index.ts";

/** What is left of a column's square beside the columns before it, as a share of the mean square: below this, rounding. */
const LEAST = 1e-5;

/**
 * Orthonormal columns of the same span: Cholesky's QR, twice, since once leaves what rounding spoils (Yamamoto et al. 2015).
 *
 * @param columns float32 [N, D]
 * @returns float32 [N, D]; a column that those before it span is 0
 */
export function orthonormal(columns: Tensor2D): Tensor2D {
  return tf.tidy(() => once(once(columns)));
}

function once(columns: Tensor2D): Tensor2D {
  const width = columns.shape[1];
  const gram = Float64Array.from(readValues(() => transposedTimes(columns, columns)));
  let trace = 0;
  for (let i = 0; i < width; i++) trace += gram[i * width + i]!;
  const inverse = inverseOfLower(cholesky(gram, width, (LEAST * trace) / width), width);
  return tf.matMul(columns, tf.transpose(tf.tensor2d(inverse, [width, width]))) as Tensor2D;
}

/** `a' b` of [N, D] and [N, E]: transposed first, since the wasm matMul is 40 times as slow when it transposes by itself. */
export function transposedTimes(a: Tensor2D, b: Tensor2D): Tensor2D {
  return tf.tidy(() => tf.matMul(tf.transpose(a), b)) as Tensor2D;
}

/** The lower triangle L with L L' = matrix, row-major; where less than `least` is left on the diagonal, infinity stands on it. */
function cholesky(matrix: Float64Array, n: number, least: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i === j) lower[i * n + j] = sum > least ? Math.sqrt(sum) : Infinity;
      else lower[i * n + j] = sum / lower[j * n + j]!;
    }
  }
  return lower;
}

function inverseOfLower(lower: Float64Array, n: number): Float32Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * n + k]! * inverse[k * n + column]!;
      inverse[i * n + column] = sum / lower[i * n + i]!;
    }
  }
  return Float32Array.from(inverse);
}
