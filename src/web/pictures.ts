import type { Exhibits, FaceExhibit } from "../detection/exhibits.ts";
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
export function namePictures(exhibits: Exhibits | null): Map<string, NamedPicture> {
  const pictures = new Map<string, NamedPicture>();
  for (const { index, thumbnail } of exhibits?.frames ?? []) {
    pictures.set(thumbnailName(index), { type: "image/jpeg", bytes: thumbnail });
  }
  for (const { track, least, most } of exhibits?.faces ?? []) {
    for (const [which, face] of [["least", least] as const, ["most", most] as const]) {
      if (!face) continue;
      pictures.set(cropName(track, which), { type: "image/jpeg", bytes: face.crop });
      if (face.heatmap) pictures.set(heatmapName(track, which), { type: "image/png", bytes: face.heatmap });
    }
  }
  return pictures;
}

/** What the API says of the pictures of a job. */
export function describePictures(exhibits: Exhibits | null): PicturesView | null {
  if (!exhibits) return null;
  const describe = (
    { track, frame, timeSec, authenticity, heatmap }: FaceExhibit,
    which: "least" | "most",
  ) => ({
    frame,
    timeSec,
    authenticity,
    crop: cropName(track, which),
    heatmap: heatmap && heatmapName(track, which),
  });
  return {
    frames: exhibits.frames.map(({ index, width, height, heats = [] }) => ({
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
    faces: exhibits.faces.map(({ track, least, most }) => ({
      track,
      least: describe(least, "least"),
      most: most && describe(most, "most"),
    })),
  };
}

/** What the pictures take in memory. */
export function pictureBytes(exhibits: Exhibits | null): number {
  let bytes = 0;
  for (const picture of namePictures(exhibits).values()) bytes += picture.bytes.byteLength;
  for (const { heats = [] } of exhibits?.frames ?? []) {
    for (const { cells } of heats) bytes += cells.byteLength;
  }
  return bytes;
}

function round(px: number): number {
  return Math.round(10 * px) / 10;
}
