import { join } from "node:path";
import { type DataItem, readDataIndex } from "./data-index.ts";
import { type ExtractHooks, extractCrops } from "./extract-crops.ts";
import type { ExtractedFace } from "./face-crop-worker.ts";
import { datasetFolder, FaceDataset, FaceDatasetWriter } from "./face-dataset.ts";
import type { PictureSource } from "./read-pictures.ts";
import { collectUnreadable, repeatUnreadable } from "./unreadable-files.ts";

/**
 * Crops the most confident face of every image of an index, and of some frames of every video, and keeps the crops on
 * disk. A second call opens the existing dataset.
 *
 * Files without a face and unreadable files are skipped and counted; unreadable files are also reported by name.
 *
 * @param options.cacheFolder folder of all datasets
 * @throws TelltaleError `DATA_INVALID` if the index is invalid
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
    // The networks of the finder consist of many small operations, for which the native backend is slower.
    workerData: { backend: "wasm" },
    jobOf: ({ path, isVideo, crop }) => ({ path, isVideo, filter: crop }),
    on: hooks,
  });
  try {
    for await (const { item, crops } of faces) {
      const { path: _, crop: __, ...rest } = item;
      for (const { facePx, timeSec, ...pixels } of crops) {
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
