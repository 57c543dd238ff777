import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import { serveJobs, useBackend } from "../engine/index.ts";
import { cropSquare, FaceFinder, type Picture, sampleSquare } from "../faces/index.ts";
import { decodeImage, frames, probe, recompress } from "../media/index.ts";
import { type FacePixels, STORED_CROP } from "./face-dataset.ts";
import type { PictureSource } from "./read-pictures.ts";

/** One cropped face. */
export interface ExtractedFace extends FacePixels {
  /** Longer side of its box in the original picture, pixels. */
  readonly facePx: number;
  /** Time in a video; null for an image. */
  readonly timeSec: number | null;
}

/** Frames of the original video, spread over its length. */
const FRAMES_AS_IS = 16;
/** Frames of the video after another H.264 pass, so that training does not associate compression with fakes. */
const FRAMES_RECOMPRESSED = 8;
/** H.264 quality of messengers and re-uploads. */
const CRF = 33;

// Worker thread: a file -> the most confident face of the image, or of some of the video's frames.
await serveJobs<PictureSource, ExtractedFace[], null>(async () => {
  await useBackend(workerData.backend);
  const finder = await FaceFinder.load();

  function crop(picture: Picture, timeSec: number | null): ExtractedFace[] {
    const face = finder.find(picture)[0];
    if (face === undefined) return [];
    const wide = cropSquare(face.box, STORED_CROP.margin);
    const isShrunk = wide.side > STORED_CROP.maxSidePx;
    const sidePx = isShrunk ? STORED_CROP.maxSidePx : Math.ceil(wide.side);
    // Aligned to whole pixels, so that no resampling happens.
    const aligned = (centre: number) => Math.round(centre - sidePx / 2) + sidePx / 2;
    const square = isShrunk
      ? wide
      : { centreX: aligned(wide.centreX), centreY: aligned(wide.centreY), side: sidePx };
    const scale = sidePx / square.side;
    const x = (value: number) => (value - square.centreX + square.side / 2) * scale;
    const y = (value: number) => (value - square.centreY + square.side / 2) * scale;
    const facePx = Math.max(face.box[2], face.box[3]);
    return [
      {
        data: sampleSquare(picture, square, sidePx, "edge"),
        sidePx,
        box: { centreX: x(wide.centreX), centreY: y(wide.centreY), longerSidePx: facePx * scale },
        mesh: face.mesh.map((value, i) => (i % 2 === 0 ? x(value) : y(value))),
        facePx,
        timeSec,
      },
    ];
  }

  async function cropVideo(path: string, filter: string, count: number): Promise<ExtractedFace[]> {
    const faces: ExtractedFace[] = [];
    for await (const frame of frames(await probe(path), { frames: count, ...(filter && { filter }) })) {
      faces.push(...crop(frame, frame.timeSec));
    }
    return faces;
  }

  async function cropRecompressed(path: string, filter: string): Promise<ExtractedFace[]> {
    const folder = await mkdtemp(join(tmpdir(), "telltale-"));
    try {
      const copy = join(folder, "recompressed.mp4");
      await recompress(await probe(path), copy, { crf: CRF });
      return await cropVideo(copy, filter, FRAMES_RECOMPRESSED);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    ready: null,
    async work({ path, isVideo, filter }) {
      const result = isVideo
        ? [...(await cropVideo(path, filter, FRAMES_AS_IS)), ...(await cropRecompressed(path, filter))]
        : crop(await decodeImage(path), null);
      return {
        result,
        transfer: result.flatMap(({ data, mesh }) => [
          data.buffer as ArrayBuffer,
          mesh.buffer as ArrayBuffer,
        ]),
      };
    },
  };
});
