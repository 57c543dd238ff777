import { workerData } from "node:worker_threads";
import { type PictureSource, readPictures } from "../../data/read-pictures.ts";
import { serveJobs, useBackend } from "../../engine/index.ts";
import { cropFace, FaceFinder, type Picture, sampleSquare } from "../../faces/index.ts";

/** The crops of one file. */
export interface ImageCropJob extends PictureSource {
  readonly framesPerVideo: number;
  readonly crop: "face" | "whole";
  readonly margin: number;
  readonly sizePx: number;
}

// Worker thread: crops the images of a file, RGB uint8 [size, size, 3] each.
await serveJobs<ImageCropJob, Uint8Array[], null>(async () => {
  let finder: FaceFinder | null = null;
  if (workerData.crop === "face") {
    await useBackend("wasm");
    finder = await FaceFinder.load();
  }

  function cropOf(picture: Picture, job: ImageCropJob): Uint8Array | null {
    if (finder === null) {
      const { width, height } = picture;
      const square = { centreX: width / 2, centreY: height / 2, side: Math.min(width, height) };
      return sampleSquare(picture, square, job.sizePx, "edge");
    }
    const face = finder.find(picture)[0];
    return face === undefined
      ? null
      : cropFace(picture, face.box, { sizePx: job.sizePx, margin: job.margin });
  }

  return {
    ready: null,
    async work(job) {
      const result: Uint8Array[] = [];
      for await (const picture of readPictures(job, job.framesPerVideo)) {
        const crop = cropOf(picture, job);
        if (crop !== null) result.push(crop);
      }
      return { result, transfer: result.map(({ buffer }) => buffer as ArrayBuffer) };
    },
  };
});
