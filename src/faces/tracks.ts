import type { FaceObservation, FrameObservation } from "./types.ts";

/** One sighting of a track: a face and the frame it was seen in. */
export interface Sighting {
  /** `index` of the {@link FrameObservation}. */
  readonly frameIndex: number;
  readonly timeSec: number;
  readonly face: FaceObservation;
}

/** One face followed over the sampled frames. */
export interface Track {
  /** 1-based, in order of first appearance, then left to right. */
  readonly id: number;
  /** In order of frames, at most one a frame, never empty. */
  readonly sightings: readonly Sighting[];
}

/**
 * Sampled frames that a face may be away before its track ends: somebody who turns away or is hidden comes
 * back; after that a new track costs nothing but a second line in the report. Frames that could not be decoded
 * or scored do not count as away.
 */
export const MAX_FRAMES_AWAY = 3;

/**
 * What it costs to call two faces two people; a pair that costs as much or more is never linked.
 *
 * Place costs at most 1 and look 0 (same picture) to 4 (negative), so either may jump but not both: a face that
 * stays put may turn until its thumbnails correlate at 0.35 (`1.3 = (1 - 0.35) / 0.5`), and a face that moved
 * any distance while seconds went by is still the same at 0.85 and more.
 */
const COST_OF_A_NEW_TRACK = 1.3;

/** Correlation lost for a look cost of 1: half of it. */
const LOOK_UNIT = 0.5;

/**
 * Links the faces of consecutive sampled frames to tracks.
 *
 * Each frame is linked to the open tracks by the assignment that is cheapest for all its faces together
 * (Kuhn 1955), where the cost of a pair is how far the face moved, grew and changed its look since the track's
 * last sighting. Frames may be seconds apart and cuts may lie between them. The same input gives the same
 * tracks.
 *
 * @param frames in order of `index`
 * @returns tracks in order of `id`; every face of every frame is in exactly one
 */
export function linkTracks(frames: readonly FrameObservation[]): Track[] {
  const tracks: { id: number; sightings: Sighting[]; framesAway: number }[] = [];
  for (const frame of frames) {
    if (frame.error !== null && frame.faces.length === 0) continue;
    const open = tracks.filter((track) => track.framesAway <= MAX_FRAMES_AWAY);
    for (const track of open) track.framesAway += 1;
    const costs = open.map((track) =>
      frame.faces.map((face) => linkCost(track.sightings.at(-1)!.face, face)),
    );
    const trackOfFace = new Map<number, (typeof tracks)[number]>();
    assignCheapest(costs, COST_OF_A_NEW_TRACK).forEach((face, row) => {
      if (face !== null) trackOfFace.set(face, open[row]!);
    });
    const leftToRight = frame.faces
      .map((_, face) => face)
      .sort((a, b) => frame.faces[a]!.box[0] - frame.faces[b]!.box[0]);
    for (const index of leftToRight) {
      let track = trackOfFace.get(index);
      if (!track) {
        track = { id: tracks.length + 1, sightings: [], framesAway: 0 };
        tracks.push(track);
      }
      track.framesAway = 0;
      track.sightings.push({ frameIndex: frame.index, timeSec: frame.timeSec, face: frame.faces[index]! });
    }
  }
  return tracks.map(({ id, sightings }) => ({ id, sightings }));
}

/** Cost, 0 and up, of calling two faces the same person: place (at most 1) plus look. */
function linkCost(a: FaceObservation, b: FaceObservation): number {
  const [ax, ay, aw, ah] = a.box;
  const [bx, by, bw, bh] = b.box;
  const sizeA = Math.sqrt(Math.max(aw * ah, 1));
  const sizeB = Math.sqrt(Math.max(bw * bh, 1));
  // Face widths that the centre moved, and doublings of the size: one of either is as far as far gets.
  const moved = Math.hypot(ax + aw / 2 - bx - bw / 2, ay + ah / 2 - by - bh / 2) / ((sizeA + sizeB) / 2);
  const grew = Math.abs(Math.log2(sizeA / sizeB));
  const look = (1 - correlation(a.thumbnail, b.thumbnail)) / LOOK_UNIT;
  return Math.min(1, moved + grew) + look;
}

/** Normalised correlation in [-1, 1] of two thumbnails; 1 when both are flat, 0 when one is. */
function correlation(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  const meanOf = (values: Uint8Array) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    product += da * db;
    squareA += da * da;
    squareB += db * db;
  }
  if (squareA === 0 || squareB === 0) return squareA === squareB ? 1 : 0;
  return product / Math.sqrt(squareA * squareB);
}

/**
 * The Hungarian method with a way out: each row takes one column or, at `costOfNone`, none.
 *
 * @param costs `[rows][columns]`
 * @returns the column of each row, or null; no column twice
 */
function assignCheapest(costs: readonly (readonly number[])[], costOfNone: number): (number | null)[] {
  const rows = costs.length;
  const real = costs[0]?.length ?? 0;
  // Past the real columns lies one way out for each row. Potentials and columns are 1-based, 0 is the start.
  const columns = real + rows;
  const costAt = (row: number, column: number) =>
    column <= real ? costs[row - 1]![column - 1]! : costOfNone;
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const slack = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const cameFrom = new Int32Array(columns + 1);
    const isDone = new Uint8Array(columns + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      isDone[column] = 1;
      const current = rowOf[column]!;
      let step = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= columns; j++) {
        if (isDone[j]) continue;
        const reduced = costAt(current, j) - rowPotential[current]! - columnPotential[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          cameFrom[j] = column;
        }
        if (slack[j]! < step) {
          step = slack[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (isDone[j]) {
          rowPotential[rowOf[j]!]! += step;
          columnPotential[j]! -= step;
        } else slack[j]! -= step;
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column !== 0; column = cameFrom[column]!) rowOf[column] = rowOf[cameFrom[column]!]!;
  }
  const columnOfRow = new Array<number | null>(rows).fill(null);
  for (let column = 1; column <= real; column++) {
    const row = rowOf[column]!;
    if (row !== 0 && costAt(row, column) < costOfNone) columnOfRow[row - 1] = column - 1;
  }
  return columnOfRow;
}
