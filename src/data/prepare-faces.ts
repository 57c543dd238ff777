import { join } from "node:path";
import { CropStore, CropStoreWriter, storeName } from "./crop-store.ts";
import { type CutHooks, cutFiles } from "./cut-files.ts";
import { type DataItem, readDataIndex } from "./data-index.ts";
import type { CutFace } from "./face-cutter.ts";
import type { PictureSource } from "./item-pictures.ts";
import { collectUnreadable, repeatUnreadable } from "./unreadable-files.ts";

/**
 * Cuts the most confident face out of every image of an index, and out of some frames of every video, and keeps them
 * on disk; done once for a data set.
 *
 * Files without a face and files that cannot be read are left out and counted, the latter named too.
 *
 * @throws TelltaleError `DATA_INVALID` when the index is wrong
 * @param options.cacheFolder where stores are kept, one folder a data set
 */
export async function prepareFaces(options: {
  indexPath: string;
  cacheFolder: string;
  on?: CutHooks;
}): Promise<CropStore> {
  const items = await readDataIndex(options.indexPath);
  const folder = join(options.cacheFolder, await storeName(options.indexPath));
  const existing = await CropStore.open(folder);
  const { hooks, write } = collectUnreadable(options.on ?? {});
  if (existing !== null) {
    await repeatUnreadable(folder, hooks);
    return existing;
  }

  const writer = await CropStoreWriter.create(folder);
  const faces = cutFiles<DataItem, PictureSource, CutFace>(items, {
    module: (extension) => new URL(`./face-cutter.${extension}`, import.meta.url),
    // The finder's networks are small, and many small operations cost the native binding more than they gain.
    workerData: { backend: "wasm" },
    jobOf: ({ path, isVideo, crop }) => ({ path, isVideo, filter: crop }),
    on: hooks,
  });
  try {
    for await (const { item, cuts } of faces) {
      const { path: _, crop: __, ...rest } = item;
      for (const { facePx, timeSec, ...pixels } of cuts) {
        await writer.add({ ...rest, facePx: Math.round(facePx), timeSec }, pixels);
      }
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await write(folder);
  await writer.finish();
  return (await CropStore.open(folder))!;
}
