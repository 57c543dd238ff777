import type { BoxPx, SquarePx } from "../faces/index.ts";
import { fakeAt, type HeatMap, tintOf } from "./heat-map.ts";

/** Digits as 3 x 5 dots, a row each, so that numbers can be drawn where no font is installed. */
const glyphs: Readonly<Record<string, readonly string[]>> = {
  "0": ["###", "# #", "# #", "# #", "###"],
  "1": [" # ", "## ", " # ", " # ", "###"],
  "2": ["###", "  #", "###", "#  ", "###"],
  "3": ["###", "  #", "###", "  #", "###"],
  "4": ["# #", "# #", "###", "  #", "  #"],
  "5": ["###", "#  ", "###", "  #", "###"],
  "6": ["###", "#  ", "###", "# #", "###"],
  "7": ["###", "  #", "  #", "  #", "  #"],
  "8": ["###", "# #", "###", "# #", "###"],
  "9": ["###", "# #", "###", "  #", "###"],
  ".": ["   ", "   ", "   ", "   ", " # "],
  ":": ["   ", " # ", "   ", " # ", "   "],
  "-": ["   ", "   ", "###", "   ", "   "],
};
const [GLYPH_WIDTH, GLYPH_HEIGHT] = [4, 5];

type Rgb = readonly [red: number, green: number, blue: number];

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

  /** Thickness of lines in pixels, so that they show at any size. */
  get stroke(): number {
    return Math.max(2, Math.round(Math.min(this.width, this.height) / 240));
  }

  /** The outline of a box. */
  drawBox([x, y, width, height]: BoxPx, colour: Rgb): void {
    const s = this.stroke;
    this.fill(x, y, width, s, colour);
    this.fill(x, y + height - s, width, s, colour);
    this.fill(x, y, s, height, colour);
    this.fill(x + width - s, y, s, height, colour);
  }

  /** A label of digits, white on the colour, above a box or inside it where there is no room above. */
  drawLabel(text: string, [x, y]: BoxPx, colour: Rgb): void {
    const dot = this.stroke;
    const height = (GLYPH_HEIGHT + 2) * dot;
    const top = y >= height ? y - height : y;
    this.fill(x, top, (text.length * GLYPH_WIDTH + 1) * dot, height, colour);
    [...text].forEach((character, i) => {
      const left = x + (i * GLYPH_WIDTH + 1) * dot;
      glyphs[character]?.forEach((row, r) => {
        [...row].forEach((cell, c) => {
          if (cell === "#") this.fill(left + c * dot, top + (r + 1) * dot, dot, dot, [255, 255, 255]);
        });
      });
    });
  }

  /** Heat over the square that it belongs to. */
  drawHeat(heat: HeatMap, { centreX, centreY, side }: SquarePx): void {
    const [left, top] = [centreX - side / 2, centreY - side / 2];
    this.#each(left, top, side, side, (x, y, p) => {
      const tint = tintOf(fakeAt(heat, (x + 0.5 - left) / side, (y + 0.5 - top) / side));
      this.data[p] = tint.red;
      this.data[p + 1] = tint.green;
      this.data[p + 2] = tint.blue;
      this.data[p + 3] = Math.round(255 * tint.opacity);
    });
  }

  /** An opaque rectangle; what reaches past the edge is cut off. */
  fill(x: number, y: number, width: number, height: number, [red, green, blue]: Rgb): void {
    this.#each(x, y, width, height, (_x, _y, p) => {
      this.data[p] = red;
      this.data[p + 1] = green;
      this.data[p + 2] = blue;
      this.data[p + 3] = 255;
    });
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
