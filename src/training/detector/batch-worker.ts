import { workerData } from "node:worker_threads";
import { type Random, seededRandom, serveJobs } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import { degrade, maskPatches, selfBlend } from "../../forgeries/index.ts";
import { cutFramedCrop, drawFraming } from "../cut-crop.ts";
import { JoinedStores } from "../joined-stores.ts";
import type { Slot } from "./batch-plan.ts";

export interface BatchJob {
  readonly seed: number;
  readonly step: number;
  readonly slots: readonly Slot[];
  readonly crop: CropSpec;
}

export interface Batch {
  /** RGB uint8 [2 * slots, size, size, 3]; real and forged of each pair in turn. */
  readonly faces: Uint8Array;
  /** 1 = real, 0 = forged; [2 * slots]. */
  readonly labels: Float32Array;
}

// Worker thread: slots of one step -> pixels, blended and degraded.
await serveJobs<BatchJob, Batch, null>(async () => {
  const store = await JoinedStores.open(workerData.storeFolders);

  async function makePair(slot: Slot, crop: CropSpec, random: Random): Promise<[Uint8Array, Uint8Array]> {
    const framing = drawFraming(random);
    const authentic = cutFramedCrop(await store.read(slot.real), crop, framing);
    let pair: { real: Uint8Array; forged: Uint8Array };
    if (slot.kind === "self-blend") {
      // An empty mask is rare; the next draw is another region.
      let blend = selfBlend(authentic, random);
      for (let tries = 0; blend === null && tries < 8; tries++) blend = selfBlend(authentic, random);
      pair = blend ?? { real: authentic.data, forged: authentic.data };
    } else {
      const fake = cutFramedCrop(
        await store.read(slot.fake),
        crop,
        random.chance(0.5) ? framing : drawFraming(random),
      );
      pair = { real: authentic.data, forged: fake.data };
    }
    const real = await degrade(pair.real, crop.sizePx, random);
    const forged = await degrade(pair.forged, crop.sizePx, random);
    for (const picture of [real, forged]) maskPatches(picture, crop.sizePx, random);
    return [real, forged];
  }

  return {
    ready: null,
    async work({ seed, step, slots, crop }) {
      const bytes = crop.sizePx * crop.sizePx * 3;
      const faces = new Uint8Array(slots.length * 2 * bytes);
      const labels = new Float32Array(slots.length * 2);
      for (const [i, slot] of slots.entries()) {
        const [real, forged] = await makePair(slot, crop, seededRandom(seed, step, i + 1));
        faces.set(real, 2 * i * bytes);
        faces.set(forged, (2 * i + 1) * bytes);
        labels[2 * i] = 1;
      }
      return { result: { faces, labels }, transfer: [faces.buffer, labels.buffer as ArrayBuffer] };
    },
  };
});
