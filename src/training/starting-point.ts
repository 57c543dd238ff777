import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import { type Discriminator, loadModel, startDiscriminator } from "../networks/index.ts";

/**
 * The discriminator that training begins with.
 *
 * @param from `face-trunk`, `random`, a model's folder, or a run's folder that holds a model/
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`
 */
export async function loadStartingPoint(from: string, seed: number): Promise<Discriminator> {
  if (from === "face-trunk" || from === "random") {
    return startDiscriminator(from, seededRandom(seed, -1));
  }
  const folder = existsSync(join(from, "model/manifest.json")) ? join(from, "model") : from;
  const { discriminator } = await loadModel(folder);
  if (discriminator.architecture === "face-trunk") return discriminator;
  throw new TelltaleError(
    "MODEL_INVALID",
    `Expected a discriminator of the architecture face-trunk in ${folder} but found "${discriminator.architecture}"; others cannot be fine-tuned yet.`,
  );
}
