import type { DataItem } from "../data/data-index.ts";
import { scoreCrops as scoreWith } from "../detection/score-crops.ts";
import { type BackendRequest, useBackend } from "../engine/index.ts";
import { type BoxPx, cropFace } from "../faces/index.ts";
import { type Frame, frames, probe } from "../media/index.ts";
import { type Discriminator, loadModel, type ModelManifest } from "../networks/index.ts";
import type { EvaluatedFile } from "./evaluated-file.ts";

/** What stands in for a face that is masked out: mid grey. */
const MASK_GREY = 128;
/** The mesh ends at the brow and the jaw; this covers the rest of the face. */
const MASK_SCALE = 1.1;

/** A model in this thread, for what looks at crops instead of files. */
export interface CropModel {
  readonly discriminator: Discriminator;
  readonly manifest: ModelManifest;
}

/** Loads a model here. @throws TelltaleError as `loadModel` and `useBackend` */
export async function openCropModel(folder: string, backend: BackendRequest): Promise<CropModel> {
  await useBackend(backend);
  return loadModel(folder);
}

/** The face of one file as the network sees it, and the same with the face greyed out. */
export interface FaceCrop {
  /** RGB uint8 [S, S, 3]. */
  readonly face: Uint8Array;
  readonly masked: Uint8Array;
}

/**
 * The middle one of the faces that decided, cut out as in use.
 *
 * @param options.sampling which frames the detector looked at
 * @returns null when no face of the file was scored
 * @throws TelltaleError as `probe` and `frames`
 */
export async function cutFace(
  item: DataItem,
  { faces }: Pick<EvaluatedFile, "faces">,
  options: {
    readonly manifest: ModelManifest;
    readonly sampling: { readonly frames: number | null; readonly fps: number | null };
    readonly signal?: AbortSignal | undefined;
  },
): Promise<FaceCrop | null> {
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
  { sampling, signal }: Parameters<typeof cutFace>[2],
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
export function maskFace(frame: Frame, [x, y, width, height]: BoxPx): Frame {
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
