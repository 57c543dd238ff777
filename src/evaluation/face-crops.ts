import type { DataItem } from "../data/data-index.ts";
import { scoreCrops as scoreWith } from "../detection/score-crops.ts";
import { type BackendRequest, useBackend } from "../engine/index.ts";
import { type BoxPx, cropFace } from "../faces/index.ts";
import { type Frame, frames, probe } from "../media/index.ts";
import { type Discriminator, loadModel, type ModelManifest } from "../networks/index.ts";
import type { EvaluatedFile } from "./evaluated-file.ts";

/** Colour of masked faces: mid grey. */
const MASK_GREY = 128;
/** Enlarges the mesh box, which ends at brow and jaw, to the whole face. */
const MASK_SCALE = 1.1;

/** A model in this thread, to score crops. */
export interface CropModel {
  readonly discriminator: Discriminator;
  readonly manifest: ModelManifest;
}

/** Loads a model. @throws TelltaleError as `loadModel` and `useBackend` */
export async function openCropModel(folder: string, backend: BackendRequest): Promise<CropModel> {
  await useBackend(backend);
  return loadModel(folder);
}

/** A face crop of a file, and the same crop with the face masked. */
export interface FaceCrops {
  /** RGB uint8 [S, S, 3]. */
  readonly face: Uint8Array;
  readonly masked: Uint8Array;
}

/**
 * Crops the middle one of the deciding faces, as in detection.
 *
 * @param options.sampling frame sampling of the detector
 * @returns null if no face of the file was scored
 * @throws TelltaleError as `probe` and `frames`
 */
export async function cropMiddleFace(
  item: DataItem,
  { faces }: Pick<EvaluatedFile, "faces">,
  options: {
    readonly manifest: ModelManifest;
    readonly sampling: { readonly frames: number | null; readonly fps: number | null };
    readonly signal?: AbortSignal | undefined;
  },
): Promise<FaceCrops | null> {
  const chosen = faces[Math.floor(faces.length / 2)];
  if (chosen === undefined) return null;
  const frame = await readFrame(item, chosen.index, options);
  if (frame === null) return null;
  const { crop } = options.manifest;
  return {
    face: cropFace(frame, chosen.box, crop),
    masked: cropFace(maskFace(frame, chosen.box), chosen.box, crop),
  };
}

async function readFrame(
  { path, crop }: DataItem,
  index: number,
  { sampling, signal }: Parameters<typeof cropMiddleFace>[2],
): Promise<Frame | null> {
  const withSignal = signal ? { signal } : {};
  const which = sampling.fps === null ? { frames: sampling.frames! } : { fps: sampling.fps };
  const filter = crop === "" ? {} : { filter: crop };
  for await (const frame of frames(await probe(path, withSignal), { ...which, ...filter, ...withSignal })) {
    if (frame.index === index) return frame;
  }
  return null;
}

/** A copy of a frame with a grey box over a face. */
function maskFace(frame: Frame, [x, y, width, height]: BoxPx): Frame {
  const data = Uint8Array.from(frame.data);
  const clamp = (value: number, limit: number) => Math.min(limit, Math.max(0, Math.round(value)));
  const [growX, growY] = [((MASK_SCALE - 1) / 2) * width, ((MASK_SCALE - 1) / 2) * height];
  const [left, right] = [clamp(x - growX, frame.width), clamp(x + width + growX, frame.width)];
  const bottom = clamp(y + height + growY, frame.height);
  for (let row = clamp(y - growY, frame.height); row < bottom; row++) {
    data.fill(MASK_GREY, (row * frame.width + left) * 3, (row * frame.width + right) * 3);
  }
  return { ...frame, data };
}

/** Logits of crops. @param crops RGB uint8 [S, S, 3] each */
export function scoreCrops({ discriminator, manifest }: CropModel, crops: readonly Uint8Array[]): number[] {
  return scoreWith(discriminator, crops, manifest.crop.sizePx).map(({ logit }) => logit);
}
