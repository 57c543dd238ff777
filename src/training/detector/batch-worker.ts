import { workerData } from "node:worker_threads";
import { type Random, seededRandom, serveJobs } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import { degrade, isDegraded, maskPatches, selfBlend } from "../../forgeries/index.ts";
import type { FacePixels } from "../crop-store.ts";
import { cutFramedCrop, drawFraming, type Framing, resizeCrop, unenlarged } from "../cut-crop.ts";
import { JoinedStores } from "../joined-stores.ts";
import { classOfForged, type Slot } from "./batch-plan.ts";
import { CLASSES, type FacesBatch } from "./batch-source.ts";

export interface BatchJob {
  readonly seed: number;
  readonly step: number;
  readonly slots: readonly Slot[];
  readonly crop: CropSpec;
}

// Worker thread: slots of one step -> pixels, blended and degraded.
await serveJobs<BatchJob, FacesBatch, null>(async () => {
  const store = await JoinedStores.open(workerData.storeFolders);

  /** A face of the store as it was published, or as it looks after a way through phones and networks. */
  async function knownFace(
    face: FacePixels,
    crop: CropSpec,
    framing: Framing,
    random: Random,
  ): Promise<Uint8Array> {
    if (!isDegraded(random)) return cutFramedCrop(face, crop, framing).data;
    const { data, size } = cutFramedCrop(face, unenlarged(face, crop, framing), framing);
    return resizeCrop(await degrade(data, size, random), size, crop.sizePx);
  }

  async function selfBlended(
    face: FacePixels,
    crop: CropSpec,
    framing: Framing,
    random: Random,
  ): Promise<[Uint8Array, Uint8Array]> {
    const authentic = cutFramedCrop(face, unenlarged(face, crop, framing), framing);
    const { size } = authentic;
    // An empty mask is rare; the next draw is another region.
    let blend = selfBlend(authentic, random);
    for (let tries = 0; blend === null && tries < 8; tries++) blend = selfBlend(authentic, random);
    const pair = blend ?? { real: authentic.data, forged: authentic.data.slice() };
    const publish = async (data: Uint8Array) =>
      resizeCrop(isDegraded(random) ? await degrade(data, size, random) : data, size, crop.sizePx);
    return [await publish(pair.real), await publish(pair.forged)];
  }

  async function makePair(slot: Slot, crop: CropSpec, random: Random): Promise<[Uint8Array, Uint8Array]> {
    const framing = drawFraming(random);
    const face = await store.read(slot.real);
    let pair: [Uint8Array, Uint8Array];
    if (slot.kind === "self-blend") {
      pair = await selfBlended(face, crop, framing, random);
    } else {
      const fakesFraming = random.chance(0.5) ? framing : drawFraming(random);
      pair = [
        await knownFace(face, crop, framing, random),
        await knownFace(await store.read(slot.fake), crop, fakesFraming, random),
      ];
    }
    for (const picture of pair) maskPatches(picture, crop.sizePx, random);
    return pair;
  }

  return {
    ready: null,
    async work({ seed, step, slots, crop }) {
      const bytes = crop.sizePx * crop.sizePx * 3;
      const faces = new Uint8Array(slots.length * 2 * bytes);
      const classes = new Uint8Array(slots.length * 2);
      for (const [i, slot] of slots.entries()) {
        const [real, forged] = await makePair(slot, crop, seededRandom(seed, step, i + 1));
        faces.set(real, 2 * i * bytes);
        faces.set(forged, (2 * i + 1) * bytes);
        classes.set([CLASSES.authentic, classOfForged(slot)], 2 * i);
      }
      return { result: { faces, classes }, transfer: [faces.buffer, classes.buffer] };
    },
  };
});
