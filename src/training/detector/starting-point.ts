import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import type { CropSpec } from "../../faces/index.ts";
import {
  type Discriminator,
  loadGanDiscriminator,
  loadModel,
  readGanManifest,
  readManifest,
  startDiscriminator,
} from "../../networks/index.ts";
import { type DetectorSettings, isNew } from "./detector-options.ts";

const HEADS = { mean: "face-trunk", statistics: "trunk-statistics", face: "trunk-face" } as const;

/**
 * The discriminator that training begins with.
 *
 * @param from `face-trunk`, `random`, a model's folder, or a run's folder that holds a model/ or networks/
 * @param options.head what stands on the trunk where `from` is `face-trunk` or `random`
 * @param options.sizePx side of the faces that it will see; a GAN's discriminator takes one side only
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`; `USAGE` for another side
 */
export async function loadStartingPoint(
  from: string,
  { seed, sizePx, head }: { seed: number; sizePx: number; head: DetectorSettings["head"] },
): Promise<Discriminator> {
  if (isNew({ from })) {
    return startDiscriminator(from as "face-trunk" | "random", seededRandom(seed, -1), HEADS[head]);
  }
  const gan = ganFolder(from);
  const { discriminator } =
    gan === null ? await loadModel(modelFolder(from)) : await loadGanDiscriminator(gan);
  return checkSize(discriminator, sizePx);
}

/**
 * The crop that the starting point has learnt on: other ones would show it faces of another size in another frame.
 *
 * @returns null where training begins anew
 * @throws TelltaleError as `loadStartingPoint`
 */
export async function startingCrop(from: string): Promise<CropSpec | null> {
  if (isNew({ from })) return null;
  const gan = ganFolder(from);
  if (gan === null) return (await readManifest(modelFolder(from))).crop;
  const { network, margin } = await readGanManifest(gan, "discriminator");
  return { sizePx: network.resolution, margin };
}

/** The folder that holds a GAN's discriminator; null where there is none. */
function ganFolder(from: string): string | null {
  return (
    [from, join(from, "networks")].find((folder) => existsSync(join(folder, "discriminator.json"))) ?? null
  );
}

/** The folder of a model, where a run's folder may be named for it. */
export function modelFolder(from: string): string {
  return existsSync(join(from, "model/manifest.json")) ? join(from, "model") : from;
}

function checkSize(discriminator: Discriminator, sizePx: number): Discriminator {
  const { network, architecture } = discriminator;
  if (network === undefined || network.resolution === sizePx) return discriminator;
  discriminator.parameters.dispose();
  throw new TelltaleError(
    "USAGE",
    `Expected --size ${network.resolution}, which the discriminator "${architecture}" was trained with, but received ${sizePx}.`,
  );
}
