import { availableParallelism } from "node:os";
import { join } from "node:path";
import { WorkerPool } from "../engine/index.ts";
import { CropStore, CropStoreWriter, storeName } from "./crop-store.ts";
import { readDataIndex } from "./data-index.ts";
import type { CutFace, CutJob } from "./face-cutter.ts";

export interface PrepareProgress {
  readonly done: number;
  readonly total: number;
  readonly withoutFace: number;
  readonly unreadable: number;
}

/**
 * Cuts the most confident face out of every image of an index, and out of some frames of every video, and keeps them
 * on disk; done once for a data set.
 *
 * Files without a face and files that cannot be read are left out and counted.
 *
 * @throws TelltaleError `DATA_INVALID` when the index is wrong
 * @param options.cacheFolder where stores are kept, one folder a data set
 */
export async function prepareFaces(options: {
  indexPath: string;
  cacheFolder: string;
  onProgress?: (progress: PrepareProgress) => void;
}): Promise<CropStore> {
  const items = await readDataIndex(options.indexPath);
  const folder = join(options.cacheFolder, await storeName(options.indexPath));
  const existing = await CropStore.open(folder);
  if (existing !== null) return existing;

  const writer = await CropStoreWriter.create(folder);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  // wasm: the finder's networks are small, and many small operations cost the native binding more than they gain.
  const { pool } = await WorkerPool.start<CutJob, CutFace[], null>({
    module: new URL(`./face-cutter.${extension}`, import.meta.url),
    workerData: { backend: "wasm" },
    size: availableParallelism(),
  });
  let [done, withoutFace, unreadable] = [0, 0, 0];
  try {
    // Kept in the order of the index, whatever order the workers end in: a store is the same every time.
    const window = pool.size * 4;
    const waiting: Promise<CutFace[] | Error>[] = [];
    for (let i = 0; i < items.length + window; i++) {
      const next = items[i];
      if (next !== undefined) {
        const job = { path: next.path, isVideo: next.isVideo, filter: next.crop };
        waiting.push(pool.run(job).catch((error: Error) => error));
      }
      if (i < window) continue;
      const item = items[i - window]!;
      const cut = await waiting.shift()!;
      done++;
      // A dead thread says nothing of the file; a store without it must not be kept.
      if (cut instanceof Error && pool.hasFailed) throw cut;
      if (cut instanceof Error) unreadable++;
      else if (cut.length === 0) withoutFace++;
      const { path: _, crop: __, ...rest } = item;
      for (const { facePx, timeSec, ...pixels } of cut instanceof Error ? [] : cut) {
        await writer.add({ ...rest, facePx: Math.round(facePx), timeSec }, pixels);
      }
      if (done % 100 === 0 || done === items.length) {
        options.onProgress?.({ done, total: items.length, withoutFace, unreadable });
      }
    }
  } finally {
    await pool.close();
  }
  await writer.finish();
  return (await CropStore.open(folder))!;
}
