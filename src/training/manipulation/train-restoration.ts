import { extractHooksOf } from "../../data/extract-crops.ts";
import { seededRandom, useBackend } from "../../engine/index.ts";
import { initGanDiscriminator, type ManipulationNetwork } from "../../networks/index.ts";
import { readGanData, splitCounts } from "../gan/gan-data.ts";
import { ImageLoader } from "../gan/image-loader.ts";
import { numberedFolder } from "../gan/numbered-folder.ts";
import { RunFolder } from "../run-folder.ts";
import { Critic } from "./critic.ts";
import type { TrainRestorationOptions } from "./manipulation-options.ts";
import { ManipulationState } from "./manipulation-state.ts";
import { measureRestoration, showRestoration } from "./restoration-quality.ts";
import { restorationStep } from "./restoration-step.ts";
import { type ManipulationHooks, runTrainingLoop } from "./training-loop.ts";

/** Channels of the discriminator. */
const DISCRIMINATOR = { width: 16, maxChannels: 128 };

/**
 * Trains a face restoration network with an L1 loss, a perceptual loss on the face network, an adversarial loss (discriminator of
 * `vanilla`) and, with `against`, the loss of deceiving a detector. Writes `forger.json` and `forger.bin` to the folder of the run.
 *
 * @returns the folder of the run, and whether it is finished; false after an abort
 * @throws TelltaleError `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`, `LOSS_NOT_FINITE`
 */
export async function trainRestoration(
  options: TrainRestorationOptions,
  on: ManipulationHooks = {},
): Promise<{ folder: string; isFinished: boolean }> {
  const { resolution, width, seed, batch, threads } = options;
  const data = await readGanData(
    { ...options, crop: "face", classes: "none", holdOut: 25 },
    extractHooksOf(on),
  );
  try {
    on.event?.({ kind: "split", of: options.data, counts: splitCounts(data) });
    const backend = await useBackend(options.backend);
    const { resume: _r, steps: _s, out: _o, backend: _b, cache: _c, threads: _t, ...kept } = options;
    const folder = await numberedFolder(options.out, `restoration-${resolution}`, options.resume);
    const run = await RunFolder.open(folder, { kind: "restoration", ...kept }, options.resume);
    const network: ManipulationNetwork = { kind: "restoration", resolution, width };
    const sizes = { architecture: "vanilla", resolution, ...DISCRIMINATOR, latent: 4, classes: 0 } as const;
    const discriminator = await initGanDiscriminator("own", sizes, seededRandom(seed, -2));
    const state = await ManipulationState.start(network, { seed, discriminator }, run);
    on.event?.({ kind: "started", backend: `${backend.name} (${backend.detail})`, folder, step: state.step });
    const critic = await Critic.load(options.against);
    const { store, train: chosen } = data;
    const loader = await ImageLoader.start({ store, chosen, seed, batch, isMirrored: true, threads });
    try {
      const task = {
        take: async (step: number) => [(await loader.take(step)).pixels],
        update: ([pixels]: readonly Float32Array[], step: number) =>
          restorationStep(state, pixels!, critic, options, step),
        show: () => showRestoration(state.model, data),
        rowsOfFaces: "Input, bicubic, restored, sharp",
        measure: () => measureRestoration(state.model, data),
        isHeldOut: data.heldOut.length > 0,
        trainedOn: data.sources,
      };
      return { folder, isFinished: await runTrainingLoop(task, state, options, run, on) };
    } finally {
      await loader.close();
      state.dispose();
      critic.dispose();
    }
  } finally {
    await data.store.close();
  }
}
