import type { Tensor4D } from "../../engine/index.ts";
import {
  type Discriminator,
  type FormScale,
  type Parameters,
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
import type { Refit } from "./refit.ts";
import type { TrainingEvent } from "./training-event.ts";
import { calibrateFaces, scoreSplitBy } from "./validation.ts";

/**
 * How much what it says counts, and from which log-odds down it speaks. On validation pictures (`face` 0.7.0, stored faces) StyleGAN is
 * at 0.974 for 0.970 where the log-odds count as they are below 0, DFDC at 0.900 for 0.901, with the same ECE; more of either
 * costs DFDC or calibration.
 */
const EMPHASIS = 2;
const DOUBT = 0.5;

/** A form that says nothing. */
const SILENT: FormScale = { scale: 0, bias: 0 };

/**
 * Fits the form of a finished head of `trunk-synthesis` that looks for synthesised faces, and brings what it says to log-odds
 * on validation faces of the sources that have such fakes. It stays silent where nothing was synthesised, or where it does not tell those of validation apart.
 *
 * @param refit the head has learnt from validation faces too: what the form says is scaled as before
 * @returns how it was scaled; null when the signal ended it
 */
export async function addSynthesisForm(
  { parameters, architecture }: Discriminator,
  store: JoinedStores,
  settings: DetectorSettings,
  on: { readonly event?: (event: TrainingEvent) => void; readonly signal?: AbortSignal },
  refit: Refit | null = null,
): Promise<FormScale | null> {
  const say = (scale: FormScale) => {
    rescaleSynthesisForm(parameters, scale);
    return scale;
  };
  // It was fitted to what the trunk said before it moved.
  if (!usesBank(settings, architecture)) return say(SILENT);
  const bank = await openBatches(settings, store, { parameters, architecture }, on, refit?.splits);
  if (!(bank instanceof BankSampler)) return null;
  try {
    const form = await fitSynthesis(parameters, bank, {
      seed: settings.seed,
      signal: on.signal,
      onStep: (done, total) => on.event?.({ kind: "fitting", done, total }),
    });
    if (on.signal?.aborted === true) return null;
    if (form === null) return say(SILENT);
    setSynthesisForm(parameters, form);
  } finally {
    await bank.close();
  }
  return say(refit?.formScale ?? (await scaleOf(parameters, store, settings)));
}

async function scaleOf(
  parameters: Parameters,
  store: JoinedStores,
  { size, margin }: DetectorSettings,
): Promise<FormScale> {
  const logitsOf = (faces: Tensor4D) =>
    synthesisLogits(parameters, standardise(parameters, trunkStatistics(parameters, faces, "inference")));
  const crop = { sizePx: size, margin };
  const whole = synthesisedSources(store.faces);
  const scored = await scoreSplitBy(logitsOf, store, { split: "validation", crop });
  const fakes = scored.filter(({ label, source }) => label === "fake" && whole.has(source));
  const reals = scored.filter(({ label }) => label === "real");
  // Photographs of other kinds are far from looking synthesised: by them it would take its own kind too easily for so.
  const kin = reals.filter(({ source }) => whole.has(source));
  const faces = [...(kin.length > 0 ? kin : reals), ...fakes];
  const labels = new Set(faces.map(({ label }) => label));
  const calibration = labels.size < 2 ? null : calibrateFaces(faces);
  if (calibration === null || calibration.scale <= 0) return SILENT;
  const { scale, bias } = calibration;
  return { scale: EMPHASIS * scale, bias: EMPHASIS * (bias - DOUBT) };
}
