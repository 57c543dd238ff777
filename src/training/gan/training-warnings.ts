/** Warn about mode collapse if the spread falls below this fraction of its maximum in the run. */
const COLLAPSE_RATIO = 0.7;
/** Warn about overfitting of the discriminator above this value, the target of adaptive augmentation (Karras et al. 2020b). */
const MAX_OVERFITTING = 0.6;

/** Metrics of the current measurement. */
export interface Measurement {
  /** Spread of the samples relative to the reals. */
  readonly spread: number;
  /** Maximum spread of earlier measurements. */
  readonly maxSpread: number;
  /** 0: held-out reals score like training reals; 1: like fakes; null if nothing is held out. */
  readonly overfitting: number | null;
}

/** Warnings with advice, one sentence each. */
export function trainingWarnings({ spread, maxSpread, overfitting }: Measurement): string[] {
  const warnings: string[] = [];
  if (spread < COLLAPSE_RATIO * maxSpread) {
    warnings.push(
      `The spread of the samples is ${(100 * spread).toFixed(0)}% of that of the reals, after ${(100 * maxSpread).toFixed(0)}% before: the generator collapses. Try a larger --r1 or --feature-matching 1.`,
    );
  }
  if (overfitting !== null && overfitting > MAX_OVERFITTING) {
    warnings.push(
      `The discriminator scores held-out reals ${overfitting.toFixed(2)} of the way from training reals to fakes: it overfits. More data, --augment or a larger --r1 helps.`,
    );
  }
  return warnings;
}
