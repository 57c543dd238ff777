/**
 * Transfers the mean and standard deviation of each channel from one image to another (Reinhard et al. 2001, in RGB).
 *
 * @param target float32 [H, W, 3], changed in place
 * @param reference float32 [H, W, 3]
 * @param mask float32 [H, W] in [0, 1]: weights of both statistics
 */
export function matchColours(target: Float32Array, reference: Float32Array, mask: Float32Array): void {
  for (let c = 0; c < 3; c++) {
    const from = momentsOf(target, mask, c);
    const to = momentsOf(reference, mask, c);
    const gain = from.deviation > 0 ? Math.min(2, to.deviation / from.deviation) : 1;
    for (let i = c; i < target.length; i += 3) target[i] = (target[i]! - from.mean) * gain + to.mean;
  }
}

function momentsOf(values: Float32Array, mask: Float32Array, channel: number) {
  let [total, sum, squares] = [1e-9, 0, 0];
  for (const [i, weight] of mask.entries()) {
    const value = values[i * 3 + channel]!;
    total += weight;
    sum += weight * value;
    squares += weight * value * value;
  }
  const mean = sum / total;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / total - mean * mean)) };
}
