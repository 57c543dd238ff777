import type { Discriminator } from "../../networks/index.ts";
import type { JoinedStores } from "../joined-stores.ts";
import { splitNames } from "../names.ts";
import { BankSampler } from "./bank-sampler.ts";
import { BatchLoader } from "./batch-loader.ts";
import { BatchPlan } from "./batch-plan.ts";
import type { BatchSource } from "./batch-source.ts";
import { type DetectorSettings, SELF_BLENDS, usesBank } from "./detector-options.ts";
import { FeatureBank } from "./feature-bank.ts";
import type { TrainingEvent } from "./training-event.ts";

/**
 * Drawn faces, or, where the trunk stays as it is, what it says of them: it looks at each of them once.
 *
 * @returns null when the signal ended it
 */
export async function openBatches(
  settings: DetectorSettings,
  store: JoinedStores,
  { architecture, parameters }: Discriminator,
  on: { readonly event?: (event: TrainingEvent) => void; readonly signal?: AbortSignal },
): Promise<BatchSource | null> {
  const { seed, size, margin, batch, threads, exclude, validateOn, selfBlends, draws } = settings;
  const crop = { sizePx: size, margin };
  const left = [...splitNames(exclude), ...splitNames(validateOn)];
  if (!usesBank(settings, architecture)) {
    const plan = new BatchPlan(store.faces, {
      ...{ seed, batchSize: batch, selfBlendShare: selfBlends, exclude: left },
    });
    const { folders: storeFolders } = store;
    return BatchLoader.start({ storeFolders, plan, seed, crop, threads, ahead: 2 * threads });
  }
  const bank = await FeatureBank.prepare({
    ...{ store, threads, signal: on.signal, cacheFolder: settings.cache },
    network: parameters,
    // A run without self-blends leaves them out of the bank that the others share.
    spec: { draws, seed, crop, selfBlends: selfBlends || SELF_BLENDS },
    onProgress: (progress) => on.event?.({ kind: "looking", ...progress }),
  });
  if (bank === null) return null;
  return new BankSampler(bank, store.faces, {
    ...{ seed, batchSize: batch, exclude: left, withSelfBlends: selfBlends > 0 },
  });
}
