import { extractHooksOf } from "../../data/extract-crops.ts";
import { useBackend } from "../../engine/index.ts";
import type { ManipulationNetwork } from "../../networks/index.ts";
import { readGanData, splitCounts } from "../gan/gan-data.ts";
import { ImageLoader } from "../gan/image-loader.ts";
import { listMedia } from "../gan/media-list.ts";
import { numberedFolder } from "../gan/numbered-folder.ts";
import { RunFolder } from "../run-folder.ts";
import type { TrainSwapOptions } from "./manipulation-options.ts";
import { ManipulationState } from "./manipulation-state.ts";
import { hasHeldOut, measureSwap, showSwap } from "./swap-quality.ts";
import { swapStep } from "./swap-step.ts";
import { type ManipulationHooks, runTrainingLoop } from "./training-loop.ts";

/**
 * Trains a face swap between two people on pictures or videos of each. Writes `forger.json` and `forger.bin` to the folder of
 * the run.
 *
 * @returns the folder of the run, and whether it is finished; false after an abort
 * @throws TelltaleError `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`, `LOSS_NOT_FINITE`
 */
export async function trainSwap(
  options: TrainSwapOptions,
  on: ManipulationHooks = {},
): Promise<{ folder: string; isFinished: boolean }> {
  const { resolution, width, seed, batch, threads } = options;
  const read = (data: string) =>
    readGanData(
      { ...options, data, sources: "", crop: "face", classes: "none", holdOut: 25 },
      extractHooksOf(on),
    );
  // Finds an invalid list before the faces of the other person are extracted.
  for (const data of [options.a, options.b]) await listMedia(data, []);
  const a = await read(options.a);
  const b = await read(options.b).catch(async (error: unknown) => {
    await a.store.close();
    throw error;
  });
  try {
    on.event?.({ kind: "split", of: options.a, counts: splitCounts(a) });
    on.event?.({ kind: "split", of: options.b, counts: splitCounts(b) });
    const backend = await useBackend(options.backend);
    const { resume: _r, steps: _s, out: _o, backend: _b, cache: _c, threads: _t, ...kept } = options;
    const folder = await numberedFolder(options.out, `swap-${resolution}`, options.resume);
    const run = await RunFolder.open(folder, { kind: "swap", ...kept }, options.resume);
    const network: ManipulationNetwork = { kind: "swap", resolution, width };
    const state = await ManipulationState.start(network, { seed, discriminator: null }, run);
    on.event?.({ kind: "started", backend: `${backend.name} (${backend.detail})`, folder, step: state.step });
    const loaders: ImageLoader[] = [];
    for (const [i, { store, train: chosen }] of [a, b].entries()) {
      const own = { store, chosen, seed: seed + i, batch, isMirrored: true, threads };
      loaders.push(await ImageLoader.start(own));
    }
    try {
      const task = {
        take: (step: number) => Promise.all(loaders.map(async (loader) => (await loader.take(step)).pixels)),
        update: (batches: readonly Float32Array[], step: number) => swapStep(state, batches, options, step),
        show: () => showSwap(state.model, { a, b }),
        rowsOfFaces: "Faces of a, swapped to b, faces of b, swapped to a",
        measure: () => measureSwap(state.model, { a, b }),
        isHeldOut: hasHeldOut(a) && hasHeldOut(b),
        trainedOn: [...new Set([...a.sources, ...b.sources])],
      };
      return { folder, isFinished: await runTrainingLoop(task, state, options, run, on) };
    } finally {
      for (const loader of loaders) await loader.close();
      state.dispose();
    }
  } finally {
    await a.store.close();
    await b.store.close();
  }
}
