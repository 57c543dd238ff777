import { TelltaleError } from "../errors.ts";
import { decodeImage, encodePng } from "../media/index.ts";
import type { Detection } from "./detection.ts";
import type { FaceEvidence } from "./evidence.ts";
import { drawHeat, isHot } from "./heat-map.ts";

/** A face in one frame, as a report shows it. */
export interface FaceExhibit {
  readonly track: number;
  /** `index` of the frame. */
  readonly frame: number;
  readonly timeSec: number;
  readonly authenticity: number;
  /** JPEG of what the network saw. */
  readonly crop: Uint8Array;
  /** PNG of the same with its heat over it; null where nothing looks fake, and for networks without such a map. */
  readonly heatmap: Uint8Array | null;
}

/** Where a face of a frame looks fake. */
export interface FrameHeat {
  readonly track: number;
  /** Left, top and side of the square that the map covers, in pixels of the frame. */
  readonly square: readonly [left: number, top: number, sidePx: number];
  readonly width: number;
  readonly height: number;
  /** Probability of fake of each cell times 255, row by row from the top left. */
  readonly cells: Uint8Array;
}

/** The pictures of a report. */
export interface Exhibits {
  readonly frames: readonly {
    readonly index: number;
    /** Size in pixels that the boxes of the frame's faces are measured in. */
    readonly width: number;
    readonly height: number;
    /** JPEG. */
    readonly thumbnail: Uint8Array;
    /** Where the frame's faces look fake; left out where nothing is known or nothing does. */
    readonly heats?: readonly FrameHeat[];
  }[];
  /** For each track its least and its most authentic frame; one where both are the same. */
  readonly faces: readonly {
    readonly track: number;
    readonly least: FaceExhibit;
    readonly most: FaceExhibit | null;
  }[];
}

/** More faces than this make a report that nobody reads; the most forged ones are shown. */
const MAX_TRACKS = 12;

/**
 * The pictures that a report shows. Heat is left out where no face is hot in any frame.
 *
 * @param given made with `hasEvidence`
 */
export async function makeExhibits(given: Detection): Promise<Exhibits> {
  const detection = hasHeat(given) ? given : withoutHeat(given);
  const sightings = sightingsOf(detection);
  const tracks = [...detection.tracks]
    .filter((track) => track.authenticity !== null && sightings.some(({ face }) => face.track === track.id))
    .sort((a, b) => Number(b.lasts) - Number(a.lasts) || a.authenticity! - b.authenticity!)
    .slice(0, MAX_TRACKS);
  const faces = await Promise.all(
    tracks.map(async ({ id }) => {
      const own = sightings
        .filter(({ face }) => face.track === id)
        .sort((a, b) => a.face.authenticity - b.face.authenticity);
      const [least, most] = [own[0]!, own.at(-1)!];
      return { track: id, least: await exhibit(least), most: most === least ? null : await exhibit(most) };
    }),
  );
  const tracksOf = new Map(
    detection.frames.map(({ index, faces }) => [index, faces.map(({ track }) => track)]),
  );
  const frames = (detection.evidence ?? []).map(({ index, width, height, thumbnail, faces: kept }) => ({
    ...{ index, width, height, thumbnail },
    heats: kept.flatMap((face, i) => heatOf(tracksOf.get(index)?.[i], face)),
  }));
  return { frames, faces };
}

/** Whether any face looks more fake than not at any place in any frame. @param detection made with `hasEvidence` */
export function hasHeat({ evidence = [] }: Detection): boolean {
  return evidence.some(({ faces }) => faces.some((face) => face?.heat && isHot(face.heat)));
}

function withoutHeat(detection: Detection): Detection {
  const evidence = (detection.evidence ?? []).map((frame) => ({
    ...frame,
    faces: frame.faces.map((face) => face && { ...face, heat: null }),
  }));
  return { ...detection, evidence };
}

/**
 * Every scored face with its heat drawn over it, one after the other.
 *
 * @param detection made with `hasEvidence`
 * @throws TelltaleError `MODEL_MISMATCH` for a model whose network has no heat map
 */
export async function* drawHeatmaps(
  detection: Detection,
): AsyncGenerator<FaceExhibit & { readonly heatmap: Uint8Array }> {
  for (const sighting of sightingsOf(detection)) {
    const { heatmap, ...rest } = await exhibit(sighting);
    if (heatmap === null) {
      throw new TelltaleError(
        "MODEL_MISMATCH",
        `Expected a model whose network says which parts of a face it judges by, but ${detection.model.name} does not; leave the heatmaps out.`,
      );
    }
    yield { ...rest, heatmap };
  }
}

interface Shown {
  readonly frame: number;
  readonly timeSec: number;
  readonly face: { readonly track: number; readonly authenticity: number };
  readonly evidence: FaceEvidence;
}

/** Scored faces whose pictures were kept, in order of frames. */
function sightingsOf({ frames, evidence = [] }: Detection): Shown[] {
  const byIndex = new Map(evidence.map((kept) => [kept.index, kept]));
  return frames.flatMap(({ index, timeSec, faces }) =>
    faces.flatMap(({ track, authenticity }, i) => {
      const kept = byIndex.get(index)?.faces[i];
      if (authenticity === null || !kept) return [];
      return [{ frame: index, timeSec, face: { track, authenticity }, evidence: kept }];
    }),
  );
}

async function exhibit({ frame, timeSec, face, evidence }: Shown): Promise<FaceExhibit> {
  const { crop, heat } = evidence;
  const heatmap = heat && (await encodePng(drawHeat(await decodeImage(Buffer.from(crop)), heat)));
  return { frame, timeSec, ...face, crop, heatmap };
}

function heatOf(track: number | undefined, face: FaceEvidence | null): FrameHeat[] {
  if (track === undefined || !face?.heat) return [];
  const { centreX, centreY, side } = face.square;
  const { width, height, fake } = face.heat;
  const cells = Uint8Array.from(fake, (value) => Math.round(255 * value));
  return [{ track, square: [centreX - side / 2, centreY - side / 2, side], width, height, cells }];
}
