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
 * The network that training starts from.
 *
 * @param options.from `pretrained`, `random`, a model's folder, or a run's folder that holds a model or a GAN's discriminator
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

/** What is known of the initial weights before they are loaded. */
export interface InitialModelInfo {
  /** Crop that they were trained on; null for new networks. */
  readonly crop: CropSpec | null;
  /** Side of the faces in pixels, where the network takes no other: a GAN's discriminator. */
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

/** The folder that holds a GAN's discriminator; null where there is none. */
function ganFolder(from: string): string | null {
  return (
    [from, join(from, "networks")].find((folder) => existsSync(join(folder, "discriminator.json"))) ?? null
  );
}

/** The folder of a model, where a run's folder may be named for it. */
function modelFolder(from: string): string {
  return existsSync(join(from, "model/manifest.json")) ? join(from, "model") : from;
}
