import { workerData } from "node:worker_threads";
import { serveJobs, useBackend } from "../engine/index.ts";
import { cropFace, cropSquare, FaceFinder } from "../faces/index.ts";
import { decodeImage } from "../media/index.ts";
import { STORED_CROP } from "./crop-store.ts";

/** What one image gave; null when no face was found in it. */
export type CutFace = { data: Uint8Array; mesh: Float32Array; facePx: number } | null;

// Worker thread: path of an image -> its most confident face, cut for the store.
await serveJobs<string, CutFace, null>(async () => {
  await useBackend(workerData.backend);
  const finder = await FaceFinder.load();
  return {
    ready: null,
    async work(path) {
      const picture = await decodeImage(path);
      const face = finder.find(picture)[0];
      if (face === undefined) return { result: null };
      const square = cropSquare(face.box, STORED_CROP.margin);
      const scale = STORED_CROP.sizePx / square.side;
      const mesh = face.mesh.map((value, i) =>
        i % 2 === 0
          ? (value - square.centreX + square.side / 2) * scale
          : (value - square.centreY + square.side / 2) * scale,
      );
      const data = cropFace(picture, face.box, STORED_CROP);
      const facePx = Math.max(face.box[2], face.box[3]);
      return {
        result: { data, mesh, facePx },
        transfer: [data.buffer as ArrayBuffer, mesh.buffer as ArrayBuffer],
      };
    },
  };
});
