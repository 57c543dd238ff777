/** Below this share of the widest spread that the run has had its samples are said to collapse: early on all are alike. */
const COLLAPSED_SHARE = 0.7;
/** From this share on the discriminator is said to learn by heart; augmentation aims at 0.6 (Karras et al. 2020b). */
const OVERFITTED = 0.6;

/** How a run stands when it is measured; spreads as a share of the reals'. */
export interface Standing {
  readonly spread: number;
  /** The widest that was measured before. */
  readonly widest: number;
  /** 0 where the discriminator takes held-out reals for trained ones, 1 where for fakes; null where nothing is held out. */
  readonly overfitting: number | null;
}

/** What goes wrong in a run, and what helps; a sentence each. */
export function trainingWarnings({ spread, widest, overfitting }: Standing): string[] {
  const troubles: string[] = [];
  if (spread < COLLAPSED_SHARE * widest) {
    troubles.push(
      `The samples differ ${(100 * spread).toFixed(0)}% as much as the reals do, and ${(100 * widest).toFixed(0)}% before: the generator collapses; try a stronger --r1 or --feature-matching 1.`,
    );
  }
  if (overfitting !== null && overfitting > OVERFITTED) {
    troubles.push(
      `The discriminator tells trained reals from held-out ones (${overfitting.toFixed(2)} of the way to fakes): it learns by heart; more data, --augment or a stronger --r1 helps.`,
    );
  }
  return troubles;
}
