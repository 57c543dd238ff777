/** What the numbers of a measurement are called; `$1` is the network that the pictures are compared with. */
const names: readonly (readonly [key: RegExp, name: string])[] = [
  [/^n$/, "pictures of each kind"],
  [/^fd-(.+)$/, "fd-$1, Fréchet distance"],
  [/^kid-(.+)-se$/, "kid-$1, standard error"],
  [/^kid-(.+)-subset$/, "kid-$1, in subsets of"],
  [/^kid-(.+)$/, "kid-$1, kernel distance"],
  [/^is-(.+)$/, "is-$1, Inception Score"],
  [/^spread$/, "spread, 1 = as the reals"],
  [/^realTrain$/, "logit of reals trained on"],
  [/^realHeldOut$/, "logit of reals held out"],
  [/^fake$/, "logit of fakes"],
  [/^overfitting$/, "overfitting, 0 to 1"],
];

/** The heading of a measurement's column, as a person reads it; others' keys as they are. */
export function metricName(key: string): string {
  const [pattern, name] = names.find(([pattern]) => pattern.test(key)) ?? [];
  return pattern === undefined ? key : key.replace(pattern, name!);
}
