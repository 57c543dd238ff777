import type { Tensor4D } from "../../engine/index.ts";
import {
  type Discriminator,
  rescaleSynthesisForm,
  setSynthesisForm,
  standardise,
  synthesisLogits,
  trunkStatistics,
} from "../../networks/index.ts";
import type { JoinedStores } from "../joined-stores.ts";
import { BankSampler } from "./bank-sampler.ts";
import { synthesisedSources } from "./batch-plan.ts";
import { type DetectorSettings, usesBank } from "./detector-options.ts";
import { fitSynthesis } from "./fit-synthesis.ts";
import { openBatches } from "./open-batches.ts";
import type { TrainingEvent } from "./training-event.ts";
import { calibrateFaces, scoreSplitBy } from "./validation.ts";

/**
 * How much the form's log-odds count. On validation pictures (`face` 0.7.1, stored faces) StyleGAN is at 0.973 for the 0.970 of log-odds
 * that count as they are, with seven more synthesised faces called forged and as many altered ones; still more of it gives nothing.
 */
const EMPHASIS = 3;

/**
 * Fits the form of a finished head of `trunk-synthesis` that looks for synthesised faces, and brings what it says to log-odds
 * on validation faces of the sources that have such fakes, which then count threefold. It stays silent where nothing was synthesised,
 * or where it does not tell those of validation apart.
 *
 * @returns whether it has something to say, or that the signal ended it
 */
export async function addSynthesisForm(
  { parameters, architecture }: Discriminator,
  store: JoinedStores,
  settings: DetectorSettings,
  on: { readonly event?: (event: TrainingEvent) => void; readonly signal?: AbortSignal },
): Promise<"fitted" | "silent" | "stopped"> {
  const silence = () => {
    rescaleSynthesisForm(parameters, { scale: 0, bias: 0 });
    return "silent" as const;
  };
  if (!usesBank(settings, architecture)) {
    // It was fitted to what the trunk said before it moved.
    return silence();
  }
  const bank = await openBatches(settings, store, { parameters, architecture }, on);
  if (!(bank instanceof BankSampler)) return "stopped";
  try {
    const form = await fitSynthesis(parameters, bank, {
      seed: settings.seed,
      signal: on.signal,
      onStep: (done, total) => on.event?.({ kind: "fitting", done, total }),
    });
    if (on.signal?.aborted === true) return "stopped";
    if (form === null) return silence();
    setSynthesisForm(parameters, form);
  } finally {
    await bank.close();
  }
  const say = (faces: Tensor4D) =>
    synthesisLogits(parameters, standardise(parameters, trunkStatistics(parameters, faces, "inference")));
  const crop = { sizePx: settings.size, margin: settings.margin };
  const whole = synthesisedSources(store.faces);
  const scored = await scoreSplitBy(say, store, { split: "validation", crop });
  const fakes = scored.filter(({ label, source }) => label === "fake" && whole.has(source));
  const reals = scored.filter(({ label }) => label === "real");
  // Photographs of other kinds are far from looking synthesised: by them it would take its own kind too easily for so.
  const kin = reals.filter(({ source }) => whole.has(source));
  const faces = [...(kin.length > 0 ? kin : reals), ...fakes];
  const labels = new Set(faces.map(({ label }) => label));
  const calibration = labels.size < 2 ? null : calibrateFaces(faces);
  if (calibration === null || calibration.scale <= 0) return silence();
  const { scale, bias } = calibration;
  rescaleSynthesisForm(parameters, { scale: EMPHASIS * scale, bias: EMPHASIS * bias });
  return "fitted";
}
