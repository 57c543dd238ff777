/** Positions are interpolated between observations at most this far apart. */
const MAX_GAP_SEC = 1;
/** A face is shown for this long before and after an observation without a neighbour. */
const SINGLE_SEC = 0.25;

/** Position of a face between two observations. */
export interface MarkPosition<Observation> {
  readonly from: Observation;
  /** Null if the position is that of `from`. */
  readonly to: Observation | null;
  /** Share of the way from `from` to `to`, 0 to 1. */
  readonly share: number;
}

/**
 * Interpolates the position of a face.
 *
 * @param observations of one face, sorted by time
 * @returns null if there is no observation shortly before or after `timeSec`
 */
export function markPosition<Observation extends { readonly timeSec: number }>(
  observations: readonly Observation[],
  timeSec: number,
): MarkPosition<Observation> | null {
  const next = observations.findIndex((observation) => observation.timeSec > timeSec);
  const after = next === -1 ? undefined : observations[next];
  const before = next === -1 ? observations.at(-1) : observations[next - 1];
  if (before && after && after.timeSec - before.timeSec <= MAX_GAP_SEC) {
    const share = (timeSec - before.timeSec) / (after.timeSec - before.timeSec);
    return { from: before, to: after, share };
  }
  if (before && timeSec - before.timeSec <= SINGLE_SEC) return { from: before, to: null, share: 0 };
  if (after && after.timeSec - timeSec <= SINGLE_SEC) return { from: after, to: null, share: 0 };
  return null;
}
