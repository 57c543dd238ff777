import type { BoxPx, SquarePx } from "../faces/index.ts";
import type { HeatMap } from "../types/pictures.ts";
import { renderHeatMap } from "./heat-map.ts";
import type { Rgb, Sticker } from "./overlay-labels.ts";

/** Heat is painted at this many pixels a side at most, and enlarged from there: it has 14 cells a side. */
const MAX_HEAT_PX = 320;

/** A transparent picture to draw marks on. */
export class OverlayCanvas {
  readonly width: number;
  readonly height: number;
  /** RGBA uint8 [height, width, 4], straight alpha. */
  readonly data: Uint8Array;

  constructor(size: { readonly width: number; readonly height: number }) {
    this.width = size.width;
    this.height = size.height;
    this.data = new Uint8Array(size.width * size.height * 4);
  }

  /** Thickness of lines in pixels: thin, and visible at any size. */
  get stroke(): number {
    return Math.max(1.5, Math.min(this.width, this.height) / 400);
  }

  /** Height of text in pixels: readable at 360p as at 4K. */
  get textPx(): number {
    return Math.max(12, Math.round(Math.min(this.width, this.height) / 40));
  }

  /** The outline of a box with round corners, dark on both sides so that it shows on light and on dark. */
  drawBox([x, y, width, height]: BoxPx, colour: Rgb): void {
    const half = this.stroke / 2;
    const radius = 0.08 * Math.min(width, height);
    const reach = Math.ceil(2 * this.stroke + 1);
    const [centreX, centreY] = [x + width / 2, y + height / 2];
    const draw = (column: number, row: number, p: number) => {
      // Signed distance to a rounded rectangle (Quilez 2015).
      const dx = Math.abs(column + 0.5 - centreX) - width / 2 + radius;
      const dy = Math.abs(row + 0.5 - centreY) - height / 2 + radius;
      const outside = Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
      const away = Math.abs(outside);
      const dark = cover(2 * half + 0.5 - away);
      if (dark === 0) return;
      this.#lay(p, [0, 0, 0], 0.55 * dark);
      this.#lay(p, colour, cover(half - away));
    };
    // The rim alone, corners included: nothing is drawn inside.
    const rim = Math.min(Math.ceil(radius) + 2 * reach, Math.floor(Math.min(width, height) / 2) + reach);
    const [left, top] = [Math.round(x - reach), Math.round(y - reach)];
    const [right, bottom] = [Math.round(x + width + reach), Math.round(y + height + reach)];
    this.#each(left, top, right - left, rim, draw);
    this.#each(left, bottom - rim, right - left, rim, draw);
    this.#each(left, top + rim, rim, bottom - top - 2 * rim, draw);
    this.#each(right - rim, top + rim, rim, bottom - top - 2 * rim, draw);
  }

  /** A label above a box, below it where there is no room, and inside the picture always. */
  drawLabel(label: Sticker, [x, y, , height]: BoxPx): void {
    const gap = 2 * this.stroke;
    const above = y - gap - label.height;
    const below = y + height + gap;
    const top = above >= 0 || below + label.height > this.height ? Math.max(0, above) : below;
    this.drawSticker(label, Math.min(Math.max(0, x), Math.max(0, this.width - label.width)), top);
  }

  /** Heat over the square that it belongs to. */
  drawHeatMap(heat: HeatMap, { centreX, centreY, side }: SquarePx): void {
    const sidePx = Math.max(1, Math.min(MAX_HEAT_PX, Math.round(side)));
    const pixels = renderHeatMap(heat, sidePx);
    const [left, top] = [centreX - side / 2, centreY - side / 2];
    const scale = sidePx / side;
    const last = sidePx - 1;
    this.#each(left, top, side, side, (column, row, p) => {
      const fromX = Math.min(last, Math.max(0, Math.floor((column + 0.5 - left) * scale)));
      const fromY = Math.min(last, Math.max(0, Math.floor((row + 0.5 - top) * scale)));
      const q = (fromY * sidePx + fromX) * 4;
      const alpha = pixels[q + 3]!;
      if (alpha > 0) this.#lay(p, [pixels[q]!, pixels[q + 1]!, pixels[q + 2]!], alpha / 255);
    });
  }

  /** A picture with its top left corner at a place; what reaches past the edge is cut off. */
  drawSticker({ width, height, data }: Sticker, x: number, y: number): void {
    const [left, top] = [Math.round(x), Math.round(y)];
    this.#each(left, top, width, height, (column, row, p) => {
      const q = ((row - top) * width + column - left) * 4;
      const alpha = data[q + 3]!;
      if (alpha > 0) this.#lay(p, [data[q]!, data[q + 1]!, data[q + 2]!], alpha / 255);
    });
  }

  /** Lays a colour over a pixel (Porter & Duff 1984, source over destination). */
  #lay(p: number, [red, green, blue]: Rgb, alpha: number): void {
    if (alpha <= 0) return;
    const { data } = this;
    const below = (data[p + 3]! / 255) * (1 - alpha);
    const both = alpha + below;
    data[p] = Math.round((red * alpha + data[p]! * below) / both);
    data[p + 1] = Math.round((green * alpha + data[p + 1]! * below) / both);
    data[p + 2] = Math.round((blue * alpha + data[p + 2]! * below) / both);
    data[p + 3] = Math.round(255 * both);
  }

  #each(
    x: number,
    y: number,
    width: number,
    height: number,
    draw: (x: number, y: number, p: number) => void,
  ): void {
    const [fromX, toX] = [Math.max(0, Math.round(x)), Math.min(this.width, Math.round(x + width))];
    const [fromY, toY] = [Math.max(0, Math.round(y)), Math.min(this.height, Math.round(y + height))];
    for (let row = fromY; row < toY; row++) {
      for (let column = fromX; column < toX; column++) draw(column, row, (row * this.width + column) * 4);
    }
  }
}

/** How much of a pixel lies within, from its distance to the edge. */
function cover(inside: number): number {
  return Math.min(1, Math.max(0, inside + 0.5));
}
