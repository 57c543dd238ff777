import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import {
  type Discriminator,
  initDiscriminator,
  loadGanDiscriminator,
  loadModel,
  readGanManifest,
  readManifest,
} from "../../networks/index.ts";
import { isNewModel } from "./detector-options.ts";

/**
 * Loads the initial network.
 *
 * @param options.from `pretrained`, `random`, a model folder, or the folder of a detector or GAN run
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`
 */
export async function loadInitialModel({
  from,
  seed,
}: {
  from: string;
  seed: number;
}): Promise<Discriminator> {
  if (isNewModel(from)) return initDiscriminator(from, seededRandom(seed, -1));
  const gan = ganFolder(from);
  const { discriminator } =
    gan === null ? await loadModel(modelFolder(from)) : await loadGanDiscriminator(gan);
  return discriminator;
}

/** Properties of the initial weights, known before loading. */
export interface InitialModelInfo {
  /** Crop of their training; null for new networks. */
  readonly crop: CropSpec | null;
  /** The only supported crop size in pixels, for a GAN discriminator; else null. */
  readonly onlySizePx: number | null;
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID` */
export async function describeInitialModel(from: string): Promise<InitialModelInfo> {
  if (isNewModel(from)) return { crop: null, onlySizePx: null };
  const gan = ganFolder(from);
  if (gan === null) {
    const { crop, network } = await readManifest(modelFolder(from));
    return { crop, onlySizePx: network?.resolution ?? null };
  }
  const { network, margin } = await readGanManifest(gan, "discriminator");
  return { crop: { sizePx: network.resolution, margin }, onlySizePx: network.resolution };
}

/** The folder with a GAN discriminator; null if there is none. */
function ganFolder(from: string): string | null {
  return (
    [from, join(from, "networks")].find((folder) => existsSync(join(folder, "discriminator.json"))) ?? null
  );
}

/** The model folder of a run, or the folder itself. */
function modelFolder(from: string): string {
  return existsSync(join(from, "model/manifest.json")) ? join(from, "model") : from;
}
