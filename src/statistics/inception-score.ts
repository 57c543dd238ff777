/**
 * Inception score (Salimans et al. 2016): exp of the mean Kullback-Leibler divergence of each sample's class posterior
 * from the mean posterior. Between 1 and the number of classes.
 *
 * @param posteriors row-major [n, classes], each row summing to 1
 */
export function inceptionScore(posteriors: Float32Array, classes: number): number {
  const n = posteriors.length / classes;
  const mean = new Float64Array(classes);
  for (let i = 0; i < posteriors.length; i++) mean[i % classes]! += posteriors[i]! / n;
  let divergence = 0;
  for (let i = 0; i < posteriors.length; i++) {
    const p = posteriors[i]!;
    if (p > 0) divergence += (p * Math.log(p / mean[i % classes]!)) / n;
  }
  return Math.exp(divergence);
}
