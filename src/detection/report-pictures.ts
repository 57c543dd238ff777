import { TelltaleError } from "../errors.ts";
import { decodeImage, encodePng } from "../media/index.ts";
import type { Detection } from "../types/detection.ts";
import type { FaceEvidence, FacePicture, FrameHeatMap, ReportPictures } from "../types/pictures.ts";
import { drawHeatMap, isHot } from "./heat-map.ts";

/** Maximum number of faces in a report; the most forged ones are shown. */
const MAX_TRACKS = 12;

/**
 * Makes the pictures of a report. Heat maps are left out if no face looks fake in any frame.
 *
 * @param given result of a call with `hasEvidence`
 */
export async function makeReportPictures(given: Detection): Promise<ReportPictures> {
  const detection = hasHeat(given) ? given : withoutHeat(given);
  const scored = scoredFaces(detection);
  const tracks = [...detection.tracks]
    .filter((track) => track.authenticity !== null && scored.some(({ face }) => face.track === track.id))
    .sort((a, b) => Number(b.lasts) - Number(a.lasts) || a.authenticity! - b.authenticity!)
    .slice(0, MAX_TRACKS);
  const faces = await Promise.all(
    tracks.map(async ({ id }) => {
      const own = scored
        .filter(({ face }) => face.track === id)
        .sort((a, b) => a.face.authenticity - b.face.authenticity);
      const [least, most] = [own[0]!, own.at(-1)!];
      return { track: id, least: await drawFace(least), most: most === least ? null : await drawFace(most) };
    }),
  );
  const tracksOf = new Map(
    detection.frames.map(({ index, faces }) => [index, faces.map(({ track }) => track)]),
  );
  const frames = (detection.evidence ?? []).map(({ index, width, height, thumbnail, faces: kept }) => ({
    ...{ index, width, height, thumbnail },
    heats: kept.flatMap((face, i) => heatMapOf(tracksOf.get(index)?.[i], face)),
  }));
  return { frames, faces };
}

/** Whether any face looks more fake than not in any place of any frame. @param detection result of a call with `hasEvidence` */
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
 * Yields every scored face with its heat map.
 *
 * @param detection result of a call with `hasEvidence`
 * @throws TelltaleError `MODEL_MISMATCH` if the network has no localization head
 */
export async function* drawHeatmaps(
  detection: Detection,
): AsyncGenerator<FacePicture & { readonly heatmap: Uint8Array }> {
  for (const face of scoredFaces(detection)) {
    const { heatmap, ...rest } = await drawFace(face);
    if (heatmap === null) {
      throw new TelltaleError(
        "MODEL_MISMATCH",
        `Expected a model with a localization head but ${detection.model.name} has none; omit the heat maps.`,
      );
    }
    yield { ...rest, heatmap };
  }
}

interface ScoredFace {
  readonly frame: number;
  readonly timeSec: number;
  readonly face: { readonly track: number; readonly authenticity: number };
  readonly evidence: FaceEvidence;
}

/** Scored faces with pictures, in the order of the frames. */
function scoredFaces({ frames, evidence = [] }: Detection): ScoredFace[] {
  const byIndex = new Map(evidence.map((frame) => [frame.index, frame]));
  return frames.flatMap(({ index, timeSec, faces }) =>
    faces.flatMap(({ track, authenticity }, i) => {
      const pictures = byIndex.get(index)?.faces[i];
      if (authenticity === null || !pictures) return [];
      return [{ frame: index, timeSec, face: { track, authenticity }, evidence: pictures }];
    }),
  );
}

async function drawFace({ frame, timeSec, face, evidence }: ScoredFace): Promise<FacePicture> {
  const { crop, heat } = evidence;
  const heatmap = heat && (await encodePng(drawHeatMap(await decodeImage(Buffer.from(crop)), heat)));
  return { frame, timeSec, ...face, crop, heatmap };
}

function heatMapOf(track: number | undefined, face: FaceEvidence | null): FrameHeatMap[] {
  if (track === undefined || !face?.heat) return [];
  const { centreX, centreY, side } = face.square;
  const { width, height, fake } = face.heat;
  const cells = Uint8Array.from(fake, (value) => Math.round(255 * value));
  return [{ track, square: [centreX - side / 2, centreY - side / 2, side], width, height, cells }];
}
