import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Discriminator } from "../../networks/index.ts";
import type { JoinedStores } from "../joined-stores.ts";
import { RunFolder } from "../run-folder.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { DetectorTrainer } from "./detector-trainer.ts";
import type { Refit } from "./refit.ts";
import type { TrainingEvent } from "./training-event.ts";

/** Folder of the second training within the run's. */
const FOLDER = "refit";

/**
 * Trains once more, from the same start with the same seed, on all groups but those for tests: what ships has seen a seventh more
 * than what was validated. Of 388 photographs of FFHQ a kernel makes AUC 0.976 against StyleGAN's faces, of the 437 with
 * those for validation 0.979.
 *
 * @returns the network, which the caller disposes of; null when the signal ended it
 */
export async function trainAgain(
  validated: DetectorTrainer,
  store: JoinedStores,
  settings: DetectorSettings,
  on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
): Promise<Discriminator | null> {
  on.event?.({ kind: "refitting" });
  const path = join(settings.out, FOLDER);
  const refit: Refit = {
    splits: ["train", "validation"],
    lastStep: validated.best?.step ?? validated.step,
    formScale: validated.formScale,
  };
  const run = await RunFolder.open(path, refit, existsSync(join(path, "options.json")));
  const trainer = await DetectorTrainer.start(settings, run, refit);
  let isFinished = false;
  try {
    isFinished = await trainer.train(store, on);
    if (!isFinished) return null;
    await trainer.settle();
    isFinished = await trainer.complete(store, on);
    return isFinished ? trainer.averaged : null;
  } finally {
    trainer.dispose({ keepAveraged: isFinished });
  }
}
