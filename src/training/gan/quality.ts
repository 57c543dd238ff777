import { seededRandom, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import { type Features, frechetDistance, type Products } from "../../statistics/frechet-distance.ts";
import { inceptionScore } from "../../statistics/inception-score.ts";
import { kernelDistance } from "../../statistics/kernel-distance.ts";
import { precisionRecall, spread } from "../../statistics/precision-recall.ts";
import type { FeatureExtractor } from "./feature-extractor.ts";

/** Quality metrics; names end with the name of the extractor, e.g. `fd-face`. */
export type Quality = Record<string, number | null> & { readonly n: number };

/** Features and class posteriors of a set of images. */
export interface Embedded {
  readonly features: Features;
  readonly posteriors: Float32Array | null;
  readonly classes: number;
}

/** Batch size of the extractor. */
export const EMBED_BATCH = 32;

/** Computes the features of images. @param batches float32 [N, S, S, 3] in [-1, 1]; disposed here */
export async function embed(
  extractor: FeatureExtractor,
  batches: AsyncIterable<Tensor4D>,
): Promise<Embedded> {
  const parts: { features: Float32Array; posteriors: Float32Array | null }[] = [];
  let [dimensions, classes] = [0, 0];
  for await (const images of batches) {
    const [features, posteriors] = tf.tidy(() => extractor.extract(images)) as [Tensor2D, Tensor2D?];
    dimensions = features.shape[1];
    classes = posteriors?.shape[1] ?? 0;
    parts.push({
      features: features.dataSync() as Float32Array,
      posteriors: (posteriors?.dataSync() as Float32Array | undefined) ?? null,
    });
    tf.dispose([images, features]);
    posteriors?.dispose();
  }
  return {
    features: { values: join(parts.map((part) => part.features)), dimensions },
    posteriors: classes === 0 ? null : join(parts.map((part) => part.posteriors!)),
    classes,
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** All metrics of fakes against reals; `n` is the size of the smaller set. */
export function measure(real: Embedded, fake: Embedded, extractorName: string): Quality {
  const [a, b] = [real.features, fake.features];
  const n = Math.min(a.values.length / a.dimensions, b.values.length / b.dimensions);
  const kernel = kernelDistance(a, b, { uniform: seededRandom(n).uniform, products: engineProducts });
  const { precision, recall } = precisionRecall(a, b, { products: engineProducts });
  const name = extractorName;
  return {
    n,
    [`fd-${name}`]: frechetDistance(a, b),
    [`kid-${name}`]: kernel.mean,
    [`kid-${name}-se`]: kernel.standardError,
    [`kid-${name}-subset`]: kernel.subsetSize,
    precision,
    recall,
    ...(fake.posteriors === null ? {} : { [`is-${name}`]: inceptionScore(fake.posteriors, fake.classes) }),
    // 1: samples vary as much as reals; near 0: mode collapse.
    spread: spread(b, engineProducts) / spread(a, engineProducts),
  };
}

/** Inner products by the matrix multiplication of TensorFlow. */
const engineProducts: Products = (a, b) => {
  const product = tf.tidy(() => {
    const x = tf.tensor2d(a.values, [a.values.length / a.dimensions, a.dimensions]);
    const y = tf.tensor2d(b.values, [b.values.length / b.dimensions, b.dimensions]);
    return tf.matMul(x, tf.transpose(y) as Tensor2D);
  });
  const values = product.dataSync() as Float32Array;
  product.dispose();
  return values;
};
