/** Readable names of metrics; `$1` is the extractor. */
const names: readonly (readonly [key: RegExp, name: string])[] = [
  [/^n$/, "images of each kind"],
  [/^fd-(.+)$/, "fd-$1, Fréchet distance"],
  [/^kid-(.+)-se$/, "kid-$1, standard error"],
  [/^kid-(.+)-subset$/, "kid-$1, in subsets of"],
  [/^kid-(.+)$/, "kid-$1, kernel distance"],
  [/^is-(.+)$/, "is-$1, Inception Score"],
  [/^spread$/, "spread, 1 = as the reals"],
  [/^realTrain$/, "logit of training reals"],
  [/^realHeldOut$/, "logit of held-out reals"],
  [/^fake$/, "logit of fakes"],
  [/^overfitting$/, "overfitting, 0 to 1"],
];

/** Readable name of a metric; unknown keys are returned unchanged. */
export function metricName(key: string): string {
  const [pattern, name] = names.find(([pattern]) => pattern.test(key)) ?? [];
  return pattern === undefined ? key : key.replace(pattern, name!);
}
