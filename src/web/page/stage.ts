import { renderHeatMap } from "../../detection/heat-map.ts";
import { markPosition } from "../../detection/mark-position.ts";
import type { FileReport } from "../../report/schema.ts";
import { sideOf } from "../../report/side.ts";
import type { HeatMap } from "../../types/pictures.ts";
import { h, place } from "./dom.ts";

/** A face to mark on the picture; box in shares of its width and height. */
export interface Mark {
  readonly track: number;
  readonly label: string;
  readonly side: ReturnType<typeof sideOf>;
  readonly box: readonly [x: number, y: number, width: number, height: number];
}

/** Where a face looks fake; the square in shares of the picture. */
export interface Heat {
  readonly track: number;
  readonly map: HeatMap;
  readonly square: readonly [left: number, top: number, width: number, height: number];
}

/** Pixels that heat is painted with; the browser enlarges it. */
const HEAT_PX = 160;

/**
 * The file itself, as the browser plays it from the reader's own disk, with the faces marked on it. Where the browser
 * cannot play it, pictures of its frames stand in.
 */
export class Stage {
  readonly element: HTMLElement;
  /** Null for pictures, and where the browser cannot play the video. */
  video: HTMLVideoElement | null = null;
  readonly #marks = h("div", { class: "marks", "aria-hidden": "true" });
  readonly #heats = h("div", { class: "marks heats", "aria-hidden": "true" });
  readonly #screen = h("div", { class: "screen" });
  readonly #url: string | null;
  #standIn: HTMLImageElement | null = null;

  /** @param file null where only the server's pictures of it are at hand @param onFailed where it cannot be shown */
  constructor(file: File | null, onFailed: () => void) {
    this.#url = file && URL.createObjectURL(file);
    this.element = h("div", { class: "stage" }, this.#screen, this.#heats, this.#marks);
    if (file === null) return;
    if (file.type.startsWith("image/") && file.type !== "image/gif") this.#showImage(onFailed);
    else this.#showVideo(onFailed);
  }

  /** Gives the picture its shape, so that nothing jumps and marks lie where they belong. */
  setShape(width: number, height: number): void {
    this.element.style.setProperty("aspect-ratio", `${width} / ${height}`);
    // A film held upright would fill the page: never higher than most of a screen.
    this.element.style.setProperty("--stage-width", `${Math.min(40, (30 * width) / height).toFixed(2)}rem`);
  }

  /** Shows a picture of a frame in place of what cannot be played. */
  showStandIn(url: string, text: string): void {
    if (!this.#standIn) {
      this.#standIn = h("img", { alt: "" });
      this.#screen.replaceChildren(this.#standIn);
    }
    this.#standIn.src = url;
    this.#standIn.alt = text;
  }

  mark(marks: readonly Mark[]): void {
    this.#marks.replaceChildren(
      ...marks.map(({ label, side, box: [left, top, width, height] }) => {
        const mark = h("span", { class: `mark-box ${side}` }, h("span", {}, label));
        place(mark, { left, top, width, height });
        return mark;
      }),
    );
  }

  /** Lays heat over faces; a mark of the same track carries it along. */
  heat(heats: readonly Heat[], marks: readonly Mark[]): void {
    this.#heats.replaceChildren(
      ...heats.map(({ track, map, square: [left, top, width, height] }) => {
        const canvas = h("canvas", { width: HEAT_PX, height: HEAT_PX });
        canvas
          .getContext("2d")
          ?.putImageData(new ImageData(renderHeatMap(map, HEAT_PX), HEAT_PX, HEAT_PX), 0, 0);
        const box = marks.find((mark) => mark.track === track)?.box;
        const centre = box && [box[0] + box[2] / 2, box[1] + box[3] / 2];
        place(canvas, {
          left: centre ? centre[0]! - width / 2 : left,
          top: centre ? centre[1]! - height / 2 : top,
          ...{ width, height },
        });
        return canvas;
      }),
    );
  }

  /** Frees the file. */
  close(): void {
    this.video?.removeAttribute("src");
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
  }

  #showImage(onFailed: () => void): void {
    const image = h("img", { alt: "The analyzed picture" });
    image.addEventListener("error", () => {
      image.remove();
      onFailed();
    });
    image.addEventListener("load", () => this.setShape(image.naturalWidth, image.naturalHeight));
    image.src = this.#url!;
    this.#screen.append(image);
  }

  #showVideo(onFailed: () => void): void {
    const video = h("video", {
      playsinline: true,
      preload: "auto",
      "aria-label": "The analyzed video",
    });
    const fail = () => {
      this.video = null;
      onFailed();
    };
    video.addEventListener("error", fail, { once: true });
    video.addEventListener("loadedmetadata", () => {
      // Sound alone, or a picture in a format that this browser lacks.
      if (video.videoWidth === 0) return fail();
      this.setShape(video.videoWidth, video.videoHeight);
    });
    video.src = this.#url!;
    this.video = video;
    this.#screen.append(video);
  }
}

/** Size in pixels that a frame's boxes are measured in. */
export type FrameSize = (index: number) => { readonly width: number; readonly height: number };

/** When and where a face was seen; the box in shares of the picture. */
interface Sighting {
  readonly timeSec: number;
  readonly authenticity: number | null;
  readonly box: Mark["box"];
}

/** What the marks of a file are drawn from: the sightings of each face, in order of time. */
export type Sightings = ReadonlyMap<number, readonly Sighting[]>;

/** The sightings of each face of a report, by its track. */
export function sightingsOf({ frames }: FileReport, sizeOf: FrameSize): Sightings {
  const sightings = new Map<number, Sighting[]>();
  for (const { index, timeSec, faces } of frames) {
    const { width, height } = sizeOf(index);
    for (const { track, box, authenticity } of faces) {
      const [x, y, w, h] = box;
      const ofTrack = sightings.get(track) ?? [];
      ofTrack.push({ timeSec, authenticity, box: [x / width, y / height, w / width, h / height] });
      sightings.set(track, ofTrack);
    }
  }
  return sightings;
}

/** Where the faces are at a time: on a straight line between two sightings that are near, else only close to one. */
export function marksAt(sightings: Sightings, threshold: FileReport["threshold"], timeSec: number): Mark[] {
  return [...sightings].flatMap(([track, ofTrack]) => {
    const position = markPosition(ofTrack, timeSec);
    if (position === null) return [];
    const { from, to, share } = position;
    // Measured in the nearer frame.
    const { authenticity } = to !== null && share >= 0.5 ? to : from;
    return {
      track,
      label: authenticity === null ? `Face ${track}` : `Face ${track}: ${authenticity.toFixed(2)}`,
      side: sideOf(authenticity, threshold),
      box: from.box.map(
        (value, i) => value + share * ((to ?? from).box[i]! - value),
      ) as unknown as Mark["box"],
    };
  });
}
