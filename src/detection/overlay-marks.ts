import type { BoxPx, SquarePx } from "../faces/index.ts";
import type { Detection } from "../types/detection.ts";
import type { HeatMap } from "../types/pictures.ts";
import { markPosition } from "./mark-position.ts";

/** A face to draw. */
export interface Mark {
  readonly track: number;
  readonly box: BoxPx;
  readonly authenticity: number | null;
  readonly heat: { readonly map: HeatMap; readonly square: SquarePx } | null;
}

interface Sighting extends Mark {
  readonly timeSec: number;
}

/** Where the faces of a video are at any time, from the frames in which they were seen. */
export class MarkTimeline {
  readonly #tracks = new Map<number, Sighting[]>();

  /** @param detection made with `hasEvidence`, or the marks have no heat */
  constructor({ frames, evidence = [] }: Detection) {
    const kept = new Map(evidence.map((one) => [one.index, one]));
    for (const { index, timeSec, faces } of frames) {
      faces.forEach(({ track, box, authenticity }, i) => {
        const shown = kept.get(index)?.faces[i];
        const heat = shown?.heat ? { map: shown.heat, square: shown.square } : null;
        const sightings = this.#tracks.get(track) ?? [];
        sightings.push({ track, box, authenticity, heat, timeSec });
        this.#tracks.set(track, sightings);
      });
    }
  }

  /** The faces at a time, in seconds from the start of the video. */
  at(timeSec: number): Mark[] {
    return [...this.#tracks.values()].flatMap((sightings) => markAt(sightings, timeSec) ?? []);
  }
}

function markAt(sightings: readonly Sighting[], timeSec: number): Mark | null {
  const position = markPosition(sightings, timeSec);
  if (position === null) return null;
  const { from, to, share } = position;
  return to === null ? from : between(from, to, share);
}

/** Place and heat move in a straight line; the authenticity is that of the nearer frame, since it was measured there. */
function between(a: Sighting, b: Sighting, share: number): Mark {
  const line = (from: number, to: number) => from + share * (to - from);
  const nearer = share < 0.5 ? a : b;
  const box = a.box.map((value, i) => line(value, b.box[i]!)) as unknown as BoxPx;
  const heat =
    a.heat && b.heat
      ? {
          map: {
            ...a.heat.map,
            fake: Float32Array.from(a.heat.map.fake, (value, i) => line(value, b.heat!.map.fake[i]!)),
          },
          square: {
            centreX: line(a.heat.square.centreX, b.heat.square.centreX),
            centreY: line(a.heat.square.centreY, b.heat.square.centreY),
            side: line(a.heat.square.side, b.heat.square.side),
          },
        }
      : nearer.heat && { ...nearer.heat, square: { ...nearer.heat.square, ...centreOf(box) } };
  return { track: a.track, box, authenticity: nearer.authenticity, heat };
}

function centreOf([x, y, width, height]: BoxPx): { centreX: number; centreY: number } {
  return { centreX: x + width / 2, centreY: y + height / 2 };
}
