/**
 * Authenticities this close to 0 or 1 count as this close: one frame that the network is absolutely sure of must
 * not outvote all others. ln(0.999 / 0.001) = 6.9, about three times the logit of an ordinary sure frame.
 */
const CLOSEST = 0.001;

/**
 * Authenticity of one face from those of its frames: the mean of their logits, as an authenticity again.
 *
 * A "confident mean": frames in which the network is sure weigh more than frames in which it is not, so that ten
 * plainly forged frames are not lost among twenty blurred ones. Symmetric: 1 - a gives 1 - the result.
 *
 * @param authenticities in [0, 1], calibrated; in any order
 * @returns in [0.001, 0.999], or null for no frames
 */
export function meanAuthenticity(authenticities: readonly number[]): number | null {
  if (authenticities.length === 0) return null;
  const logits = authenticities.map((authenticity) => {
    const kept = Math.min(1 - CLOSEST, Math.max(CLOSEST, authenticity));
    return Math.log(kept / (1 - kept));
  });
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  return 1 / (1 + Math.exp(-mean));
}
