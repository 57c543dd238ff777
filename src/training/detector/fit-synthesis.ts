import { readValues, seededRandom, type Tensor, type Tensor2D, tf } from "../../engine/index.ts";
import {
  DIRECTIONS,
  type Parameters,
  STATISTICS_COUNT,
  type SynthesisForm,
  standardise,
  toUnitLength,
} from "../../networks/index.ts";
import { symmetricEigen } from "../../statistics/symmetric-eigen.ts";
import type { SynthesisRows } from "./bank-sampler.ts";
import { orthonormal, transposedTimes } from "./orthonormal.ts";

/** Dimensions that faces are looked at in: those in which they differ most. */
const DIMENSIONS = 512;
/** Faces out of which those dimensions are found. */
const BASIS_PAIRS = 4096;
const BASIS_ROUNDS = 3;
/** What large coefficients cost, beside one squared error for each face. */
const RIDGE = 1;
/** Steps of conjugate gradients; stopping early keeps the coefficients small too. */
const STEPS = 60;

interface Bank {
  synthesisRows(): AsyncIterable<SynthesisRows>;
}

interface FitOptions {
  readonly seed: number;
  readonly onStep?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Coefficients of `z' M z + sqrt(2) v' z + b`, as of the kernel `(1 + z' z)^2`. */
interface Quadratic {
  /** [D, D] */
  readonly matrix: Tensor2D;
  /** [D, 1] */
  readonly vector: Tensor2D;
  /** [1, 1] */
  readonly constant: Tensor2D;
}

/**
 * Fits the quadratic form that tells synthesised faces from others to all faces of a bank: ridge regression with the kernel
 * `(1 + x' y)^2`, both classes weighing alike, by conjugate gradients (Hestenes & Stiefel 1952) in the space in which faces
 * differ most (Halko, Martinsson & Tropp 2011), then the directions of the largest eigenvalues of what came out.
 *
 * A hidden layer that is trained by gradients does not find this: of the same faces, StyleGAN's against photographs, it makes
 * an AUC of 0.962 where this makes 0.976.
 *
 * @param parameters of the head, whose standardisation is used
 * @returns null where the bank has only one of the two classes, and nothing of use when the signal ended it
 */
export async function fitSynthesis(
  parameters: Parameters,
  bank: Bank,
  options: FitOptions,
): Promise<SynthesisForm | null> {
  const basis = await findBasis(parameters, bank, options.seed);
  const chunks: { z: Tensor2D; isSynthesised: readonly boolean[] }[] = [];
  for await (const rows of bank.synthesisRows()) {
    const z = tf.tidy(() => tf.matMul(unitRows(parameters, rows), basis)) as Tensor2D;
    chunks.push({ z, isSynthesised: rows.isSynthesised });
  }
  const total = chunks.reduce((sum, { isSynthesised }) => sum + isSynthesised.length, 0);
  const synthesised = chunks.reduce(
    (sum, { isSynthesised }) => sum + isSynthesised.filter(Boolean).length,
    0,
  );
  try {
    if (synthesised === 0 || synthesised === total) return null;
    // Brought to a mean square of 1, so that the ridge means the same for every data set.
    const scale = 1 / Math.sqrt(meanSquareLength(chunks.map(({ z }) => z)));
    const weightOf = (is: boolean) => (0.5 * total) / (is ? synthesised : total - synthesised);
    const blocks = chunks.map(({ z, isSynthesised }) => {
      const scaled = tf.tidy(() => tf.mul(z, scale)) as Tensor2D;
      // Two copies of all faces would be hundreds of megabytes.
      z.dispose();
      return {
        z: scaled,
        weights: column(isSynthesised.map(weightOf)),
        targets: column(isSynthesised.map((is) => (is ? -1 : 1))),
      };
    });
    const solution = solveRidge(blocks, basis.shape[1], options);
    tf.dispose(blocks as unknown as Tensor[]);
    const form = compress(solution, basis, scale);
    tf.dispose(solution as unknown as Tensor[]);
    return form;
  } finally {
    basis.dispose();
    for (const { z } of chunks) z.dispose();
  }
}

/** Orthonormal columns [F, D] that span what faces differ in most: a few rounds of subspace iteration. */
async function findBasis(parameters: Parameters, bank: Bank, seed: number): Promise<Tensor2D> {
  const parts: Tensor2D[] = [];
  let pairs = 0;
  for await (const rows of bank.synthesisRows()) {
    parts.push(unitRows(parameters, rows));
    pairs += rows.isSynthesised.length / 2;
    if (pairs >= BASIS_PAIRS) break;
  }
  const faces = tf.concat(parts, 0) as Tensor2D;
  tf.dispose(parts);
  const width = Math.min(DIMENSIONS, faces.shape[0]);
  const random = seededRandom(seed, -3);
  const start = Float32Array.from({ length: STATISTICS_COUNT * width }, () => random.normal());
  let basis = tf.tensor2d(start, [STATISTICS_COUNT, width]) as Tensor2D;
  for (let round = 0; round < BASIS_ROUNDS; round++) {
    const next = tf.tidy(() => {
      const seen = orthonormal(tf.matMul(faces, basis) as Tensor2D);
      return orthonormal(transposedTimes(faces, seen));
    });
    basis.dispose();
    basis = next;
  }
  faces.dispose();
  return basis;
}

function unitRows(parameters: Parameters, { statistics, isSynthesised }: SynthesisRows): Tensor2D {
  return tf.tidy(() =>
    toUnitLength(standardise(parameters, tf.tensor2d(statistics, [isSynthesised.length, STATISTICS_COUNT]))),
  );
}

const column = (values: readonly number[]): Tensor2D => tf.tensor2d([...values], [values.length, 1]);

function meanSquareLength(parts: readonly Tensor2D[]): number {
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  const squares = parts.map((z) => readValues(() => tf.sum(tf.square(z)))[0]!);
  return squares.reduce((sum, value) => sum + value, 0) / rows;
}

interface Block {
  readonly z: Tensor2D;
  readonly weights: Tensor2D;
  readonly targets: Tensor2D;
}

/** Conjugate gradients on the normal equations, from nothing. */
function solveRidge(
  blocks: readonly Block[],
  width: number,
  { onStep, signal }: Pick<FitOptions, "onStep" | "signal">,
): Quadratic {
  let solution = tf.tidy(() => ({
    matrix: tf.zeros([width, width]) as Tensor2D,
    vector: tf.zeros([width, 1]) as Tensor2D,
    constant: tf.zeros([1, 1]) as Tensor2D,
  }));
  let residual = gather(blocks, ({ weights, targets }) => tf.mul(weights, targets) as Tensor2D);
  let direction = combine(residual, residual, (r) => tf.clone(r));
  let square = dot(residual, residual);
  for (let step = 0; step < STEPS && square > 0 && signal?.aborted !== true; step++) {
    const data = gather(blocks, ({ z, weights }) => tf.mul(weights, valuesOf(direction, z)) as Tensor2D);
    const image = combine(data, direction, (a, b) => tf.add(a, tf.mul(RIDGE, b)));
    const length = square / dot(direction, image);
    const nextSolution = combine(solution, direction, (x, p) => tf.add(x, tf.mul(length, p)));
    const nextResidual = combine(residual, image, (r, q) => tf.sub(r, tf.mul(length, q)));
    const nextSquare = dot(nextResidual, nextResidual);
    const nextDirection = combine(nextResidual, direction, (r, p) =>
      tf.add(r, tf.mul(nextSquare / square, p)),
    );
    tf.dispose([solution, residual, direction, data, image] as unknown as Tensor[]);
    [solution, residual, direction, square] = [nextSolution, nextResidual, nextDirection, nextSquare];
    onStep?.(step + 1, STEPS);
  }
  tf.dispose([residual, direction] as unknown as Tensor[]);
  return solution;
}

/** What a quadratic says of rows [N, D]: [N, 1]. */
function valuesOf({ matrix, vector, constant }: Quadratic, z: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const squares = tf.sum(tf.mul(tf.matMul(z, matrix), z), 1, true);
    return tf.add(tf.add(squares, tf.mul(Math.SQRT2, tf.matMul(z, vector))), constant) as Tensor2D;
  });
}

/** The reverse: sums over all rows of what each says of the coefficients, times a number [N, 1] of its own. */
function gather(blocks: readonly Block[], numbers: (block: Block) => Tensor2D): Quadratic {
  let sum: Quadratic | null = null;
  for (const block of blocks) {
    const part = tf.tidy(() => {
      const r = numbers(block);
      return {
        matrix: transposedTimes(tf.mul(block.z, r) as Tensor2D, block.z),
        vector: tf.mul(Math.SQRT2, transposedTimes(block.z, r)) as Tensor2D,
        constant: tf.sum(r, 0, true) as Tensor2D,
      };
    });
    const before: Quadratic | null = sum;
    sum = before === null ? part : combine(before, part, (a, b) => tf.add(a, b));
    if (before !== null) tf.dispose([before, part] as unknown as Tensor[]);
  }
  return sum!;
}

/** As directions in the space of statistics: those of the eigenvalues furthest from 0. */
function compress({ matrix, vector, constant }: Quadratic, basis: Tensor2D, scale: number): SynthesisForm {
  const width = basis.shape[1];
  const symmetric = readValues(() => tf.mul(0.5, tf.add(matrix, tf.transpose(matrix))));
  const { values, vectors } = symmetricEigen(Float64Array.from(symmetric), width);
  const order = [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!));
  const kept = order.slice(0, DIRECTIONS);
  const chosen = new Float32Array(width * DIRECTIONS);
  const weights = new Float32Array(DIRECTIONS);
  kept.forEach((from, to) => {
    weights[to] = values[from]!;
    for (let i = 0; i < width; i++) chosen[i * DIRECTIONS + to] = scale * vectors[i * width + from]!;
  });
  return {
    directions: readValues(() => tf.matMul(basis, tf.tensor2d(chosen, [width, DIRECTIONS]))),
    weights,
    line: readValues(() => tf.mul(Math.SQRT2 * scale, tf.matMul(basis, vector))),
    bias: readValues(() => tf.sum(constant))[0]!,
  };
}

function combine(x: Quadratic, y: Quadratic, of: (a: Tensor2D, b: Tensor2D) => Tensor): Quadratic {
  return tf.tidy(() => ({
    matrix: of(x.matrix, y.matrix) as Tensor2D,
    vector: of(x.vector, y.vector) as Tensor2D,
    constant: of(x.constant, y.constant) as Tensor2D,
  }));
}

function dot(x: Quadratic, y: Quadratic): number {
  const products = (["matrix", "vector", "constant"] as const).map(
    (part) => readValues(() => tf.sum(tf.mul(x[part], y[part])))[0]!,
  );
  return products.reduce((sum, value) => sum + value, 0);
}
