/**
 * Between two sightings of a face this close, in seconds, it is where a straight line between them says: heads move
 * further than that only from about a second on.
 */
const MAX_GAP_SEC = 1;
/** Before and after a sighting without such a neighbour the face is shown for this long. Seconds. */
const ALONE_SEC = 0.25;

/** Where a face is at a time: at a sighting, or part of the way to the next one. */
export interface MarkPosition<Sighting> {
  readonly from: Sighting;
  /** Null where the face stays at `from`. */
  readonly to: Sighting | null;
  /** How far it is from `from` to `to`, 0 to 1. */
  readonly share: number;
}

/**
 * Where a face is at a time; null where it was seen neither just before nor just after.
 *
 * @param sightings those of one face, in order of time
 */
export function markPosition<Sighting extends { readonly timeSec: number }>(
  sightings: readonly Sighting[],
  timeSec: number,
): MarkPosition<Sighting> | null {
  const next = sightings.findIndex((sighting) => sighting.timeSec > timeSec);
  const after = next === -1 ? undefined : sightings[next];
  const before = next === -1 ? sightings.at(-1) : sightings[next - 1];
  if (before && after && after.timeSec - before.timeSec <= MAX_GAP_SEC) {
    const share = (timeSec - before.timeSec) / (after.timeSec - before.timeSec);
    return { from: before, to: after, share };
  }
  if (before && timeSec - before.timeSec <= ALONE_SEC) return { from: before, to: null, share: 0 };
  if (after && after.timeSec - timeSec <= ALONE_SEC) return { from: after, to: null, share: 0 };
  return null;
}
