import { type Scalar, type Tensor, tf } from "../../engine/index.ts";
import type { DiscriminatorOutput } from "../../networks/index.ts";

export type GanLoss = "non-saturating" | "hinge";

/** Mean over each head, summed over heads (Sauer et al. 2021). */
function overHeads(heads: readonly Tensor[], each: (logits: Tensor) => Tensor): Scalar {
  return tf.addN(heads.map((logits) => tf.mean(each(logits)))) as Scalar;
}

/**
 * What the discriminator minimises.
 *
 * `non-saturating` (Goodfellow et al. 2014): cross-entropy, the reals' target lowered by `smoothing` (one-sided, Salimans
 * et al. 2016). `hinge` (Lim & Ye 2017; Miyato et al. 2018): nothing is gained beyond a margin of 1.
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
  // softplus(-z) is the cross-entropy of sigmoid(z) with target 1; a lower target adds that share of z.
  const onReal = overHeads(real.heads, (z) => tf.add(tf.softplus(tf.neg(z)), tf.mul(z, smoothing)));
  return tf.add(
    onReal,
    overHeads(fake.heads, (z) => tf.softplus(z)),
  );
}

/** What the generator minimises. */
export function generatorLoss(kind: GanLoss, fake: DiscriminatorOutput): Scalar {
  return overHeads(fake.heads, (z) => (kind === "hinge" ? tf.neg(z) : tf.softplus(tf.neg(z))));
}

/** Squared distance between mean features of reals and fakes, per feature (Salimans et al. 2016). */
export function featureMatchingLoss(realMean: Tensor, fake: DiscriminatorOutput): Scalar {
  return tf.mean(tf.square(tf.sub(tf.mean(fake.features, 0), realMean))) as Scalar;
}
