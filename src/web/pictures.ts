import type { FacePicture, ReportPictures } from "../types/pictures.ts";
import type { PicturesView } from "./job-schema.ts";

/** A picture of a job. */
export interface NamedPicture {
  readonly type: "image/jpeg" | "image/png";
  readonly bytes: Uint8Array;
}

export const thumbnailName = (index: number) => `frame-${index}.jpg`;
const cropName = (track: number, which: "least" | "most") => `face-${track}-${which}.jpg`;
const heatmapName = (track: number, which: "least" | "most") => `face-${track}-${which}-heat.png`;

/** The pictures of a job by their names, which are made here and never asked of a file system. */
export function namePictures(pictures: ReportPictures | null): Map<string, NamedPicture> {
  const named = new Map<string, NamedPicture>();
  for (const { index, thumbnail } of pictures?.frames ?? []) {
    named.set(thumbnailName(index), { type: "image/jpeg", bytes: thumbnail });
  }
  for (const { track, least, most } of pictures?.faces ?? []) {
    for (const [which, face] of [["least", least] as const, ["most", most] as const]) {
      if (!face) continue;
      named.set(cropName(track, which), { type: "image/jpeg", bytes: face.crop });
      if (face.heatmap) named.set(heatmapName(track, which), { type: "image/png", bytes: face.heatmap });
    }
  }
  return named;
}

/** What the API says of the pictures of a job. */
export function describePictures(pictures: ReportPictures | null): PicturesView | null {
  if (!pictures) return null;
  const describe = (
    { track, frame, timeSec, authenticity, heatmap }: FacePicture,
    which: "least" | "most",
  ) => ({
    frame,
    timeSec,
    authenticity,
    crop: cropName(track, which),
    heatmap: heatmap && heatmapName(track, which),
  });
  return {
    frames: pictures.frames.map(({ index, width, height, heats = [] }) => ({
      index,
      width,
      height,
      thumbnail: thumbnailName(index),
      heats: heats.map(({ track, square: [left, top, side], width, height, cells }) => ({
        track,
        square: [round(left), round(top), round(side)],
        ...{ width, height },
        cells: Buffer.from(cells).toString("base64"),
      })),
    })),
    faces: pictures.faces.map(({ track, least, most }) => ({
      track,
      least: describe(least, "least"),
      most: most && describe(most, "most"),
    })),
  };
}

/** What the pictures take in memory. */
export function pictureBytes(pictures: ReportPictures | null): number {
  let bytes = 0;
  for (const picture of namePictures(pictures).values()) bytes += picture.bytes.byteLength;
  for (const { heats = [] } of pictures?.frames ?? []) {
    for (const { cells } of heats) bytes += cells.byteLength;
  }
  return bytes;
}

function round(px: number): number {
  return Math.round(10 * px) / 10;
}
