import { type Scalar, type Tensor, tf } from "../../engine/index.ts";
import type { DiscriminatorOutput } from "../../networks/index.ts";

export type GanLoss = "non-saturating" | "hinge";

/** Mean over the logits of each head, summed over heads (Sauer et al. 2021). */
function overHeads(heads: readonly Tensor[], each: (logits: Tensor) => Tensor): Scalar {
  return tf.addN(heads.map((logits) => tf.mean(each(logits)))) as Scalar;
}

/**
 * Loss of the discriminator.
 *
 * `non-saturating` (Goodfellow et al. 2014): cross-entropy, with one-sided label smoothing of the reals (Salimans et al. 2016).
 * `hinge`: Lim & Ye 2017, Miyato et al. 2018.
 */
export function discriminatorLoss(
  kind: GanLoss,
  real: DiscriminatorOutput,
  fake: DiscriminatorOutput,
  smoothing = 0,
): Scalar {
  if (kind === "hinge") {
    const onReal = overHeads(real.heads, (z) => tf.relu(tf.sub(1, z)));
    return tf.add(
      onReal,
      overHeads(fake.heads, (z) => tf.relu(tf.add(1, z))),
    );
  }
  // softplus(-z) is the cross-entropy of sigmoid(z) with target 1; smoothing adds smoothing * z.
  const onReal = overHeads(real.heads, (z) => tf.add(tf.softplus(tf.neg(z)), tf.mul(z, smoothing)));
  return tf.add(
    onReal,
    overHeads(fake.heads, (z) => tf.softplus(z)),
  );
}

/** Loss of the generator. */
export function generatorLoss(kind: GanLoss, fake: DiscriminatorOutput): Scalar {
  return overHeads(fake.heads, (z) => (kind === "hinge" ? tf.neg(z) : tf.softplus(tf.neg(z))));
}

/** Mean squared difference between the mean features of reals and fakes (Salimans et al. 2016). */
export function featureMatchingLoss(realMean: Tensor, fake: DiscriminatorOutput): Scalar {
  return tf.mean(tf.square(tf.sub(tf.mean(fake.features, 0), realMean))) as Scalar;
}
