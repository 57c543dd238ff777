/**
 * Quantile of Student's t distribution, by bisection of its closed form (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
 *
 * @param probability in [0.5, 1)
 * @param freedom degrees of freedom, an integer of at least 1
 */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (oneSided(high, freedom) < probability) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (oneSided(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T <= t) for t >= 0. */
function oneSided(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k;
    sum += term;
  }
  const twoSided = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return 0.5 + twoSided / 2;
}
