import { join } from "node:path";
import { type DataItem, readDataIndex } from "./data-index.ts";
import { type ExtractHooks, extractCrops } from "./extract-crops.ts";
import type { ExtractedFace } from "./face-crop-worker.ts";
import { datasetFolder, FaceDataset, FaceDatasetWriter } from "./face-dataset.ts";
import type { PictureSource } from "./read-pictures.ts";
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
  on?: ExtractHooks;
}): Promise<FaceDataset> {
  const items = await readDataIndex(options.indexPath);
  const folder = join(options.cacheFolder, await datasetFolder(options.indexPath));
  const existing = await FaceDataset.open(folder);
  const { hooks, write } = collectUnreadable(options.on ?? {});
  if (existing !== null) {
    await repeatUnreadable(folder, hooks);
    return existing;
  }

  const writer = await FaceDatasetWriter.create(folder);
  const faces = extractCrops<DataItem, PictureSource, ExtractedFace>(items, {
    module: (extension) => new URL(`./face-crop-worker.${extension}`, import.meta.url),
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
  return (await FaceDataset.open(folder))!;
}
