import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import {
  type Architecture,
  type Discriminator,
  loadGanDiscriminator,
  loadModel,
  readGanManifest,
  readManifest,
  startDiscriminator,
  statisticsPart,
} from "../../networks/index.ts";
import { isNew, looksOnce, type TrainDetectorOptions } from "./detector-options.ts";

const HEADS = {
  mean: "face-trunk",
  statistics: "trunk-statistics",
  face: "trunk-face",
  synthesis: "trunk-synthesis",
} as const;

/** The `--head` that trains such a network, or its second view; null for those without statistics. */
export function headOf(architecture: Architecture): TrainDetectorOptions["head"] | null {
  const part = statisticsPart(architecture);
  const heads = Object.keys(HEADS) as (keyof typeof HEADS)[];
  return heads.find((head) => HEADS[head] === part) ?? null;
}

type NewArchitecture = (typeof HEADS)[keyof typeof HEADS];
type NewNetwork = Pick<TrainDetectorOptions, "head"> &
  Partial<Pick<TrainDetectorOptions, "trunk" | "adversarial">>;

/** The form of `synthesis` is fitted to what the trunk says of each face, which has to stay the same. */
function architectureOf({ head, trunk = "frozen", adversarial = 0 }: NewNetwork): NewArchitecture {
  return HEADS[head === "synthesis" && !looksOnce({ trunk, adversarial }) ? "face" : head];
}

/**
 * The discriminator that training begins with.
 *
 * @param options.from `face-trunk`, `random`, a model's folder, or a run's folder that holds a model/ or networks/
 * @param options.head what stands on the trunk where `from` is `face-trunk` or `random`
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`
 */
export async function loadStartingPoint({
  from,
  seed,
  ...start
}: Pick<TrainDetectorOptions, "from" | "seed"> & NewNetwork): Promise<Discriminator> {
  if (isNew({ from })) {
    return startDiscriminator(from as "face-trunk" | "random", seededRandom(seed, -1), architectureOf(start));
  }
  const gan = ganFolder(from);
  const { discriminator } =
    gan === null ? await loadModel(modelFolder(from)) : await loadGanDiscriminator(gan);
  return discriminator;
}

/** What is known of a starting point before it is loaded. */
export interface Start {
  readonly architecture: Architecture;
  /** What it has learnt on: other crops would show it faces of another size in another frame. Null where training begins anew. */
  readonly crop: CropSpec | null;
  /** Side of the faces in pixels, where the network takes no other: a GAN's discriminator. */
  readonly onlySizePx: number | null;
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID` */
export async function describeStart({
  from,
  ...start
}: Pick<TrainDetectorOptions, "from"> & NewNetwork): Promise<Start> {
  if (isNew({ from })) return { architecture: architectureOf(start), crop: null, onlySizePx: null };
  const gan = ganFolder(from);
  if (gan === null) {
    const { architecture, crop, network } = await readManifest(modelFolder(from));
    return { architecture, crop, onlySizePx: network?.resolution ?? null };
  }
  const { architecture, network, margin } = await readGanManifest(gan, "discriminator");
  return { architecture, crop: { sizePx: network.resolution, margin }, onlySizePx: network.resolution };
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
