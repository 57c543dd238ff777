import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import {
  type Discriminator,
  loadGanDiscriminator,
  loadModel,
  startDiscriminator,
} from "../../networks/index.ts";
import type { DetectorSettings } from "./detector-options.ts";

const HEADS = { mean: "face-trunk", statistics: "trunk-statistics", windows: "trunk-windows" } as const;

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
  if (from === "face-trunk" || from === "random") {
    return startDiscriminator(from, seededRandom(seed, -1), HEADS[head]);
  }
  for (const folder of [from, join(from, "networks")]) {
    if (existsSync(join(folder, "discriminator.json"))) {
      return checkSize((await loadGanDiscriminator(folder)).discriminator, sizePx);
    }
  }
  const folder = existsSync(join(from, "model/manifest.json")) ? join(from, "model") : from;
  return checkSize((await loadModel(folder)).discriminator, sizePx);
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
