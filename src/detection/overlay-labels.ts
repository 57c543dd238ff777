import sharp from "sharp";
import { colorStops } from "./heat-map.ts";
import { FONT_CAP_HEIGHT, FONT_EM, fontGlyphs } from "./overlay-font.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture to lay over another: RGBA uint8 [height, width, 4], straight alpha. */
export interface Sticker {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Dark enough for white text over any scene. */
const GROUND = "rgb(16,18,20)";
const GROUND_OPACITY = 0.78;

/** Makes labels, each text once. */
export class LabelMaker {
  readonly #sizePx: number;
  readonly #made = new Map<string, Promise<Sticker>>();

  /** @param sizePx of the font */
  constructor(sizePx: number) {
    this.#sizePx = sizePx;
  }

  /** A line of text on a dark ground with a bar of colour before it. */
  label(text: string, colour: Rgb): Promise<Sticker> {
    const key = `${colour} ${text}`;
    const made = this.#made.get(key) ?? render(labelSvg(text, colour, this.#sizePx));
    this.#made.set(key, made);
    return made;
  }

  /** What stands in a corner: the file's verdict, and what the heat's colours mean. */
  legend(verdict: string, colour: Rgb, hasHeat: boolean): Promise<Sticker> {
    return render(legendSvg({ verdict, colour, hasHeat, sizePx: this.#sizePx }));
  }
}

function labelSvg(text: string, colour: Rgb, sizePx: number): string {
  const [bar, gap] = [0.28 * sizePx, 0.4 * sizePx];
  const width = Math.ceil(bar + 2 * gap + widthOf(text, sizePx));
  const height = Math.ceil(1.7 * sizePx);
  const body = `${ground(width, height, sizePx)}<rect x="${0.3 * bar}" y="${0.3 * sizePx}" width="${bar}" height="${height - 0.6 * sizePx}" rx="${bar / 2}" fill="${rgb(colour)}"/>`;
  return svg(width, height, body + line(text, { x: bar + gap, y: height / 2, sizePx }));
}

function legendSvg({
  verdict,
  colour,
  hasHeat,
  sizePx,
}: {
  verdict: string;
  colour: Rgb;
  hasHeat: boolean;
  sizePx: number;
}): string {
  const pad = 0.6 * sizePx;
  const small = 0.8 * sizePx;
  const [low, high] = ["heat: 30%", "95% fake"];
  const ramp = 5 * sizePx;
  const heatWidth = widthOf(low, small) + ramp + widthOf(high, small) + 2 * pad;
  const inner = Math.max(widthOf(verdict, sizePx) + 0.9 * sizePx, hasHeat ? heatWidth : 0);
  const [width, height] = [Math.ceil(inner + 2 * pad), Math.ceil((hasHeat ? 3.5 : 1.9) * sizePx)];
  const dot = `<circle cx="${pad + 0.3 * sizePx}" cy="${0.95 * sizePx}" r="${0.3 * sizePx}" fill="${rgb(colour)}"/>`;
  const heading = dot + line(verdict, { x: pad + 0.9 * sizePx, y: 0.95 * sizePx, sizePx });
  if (!hasHeat) return svg(width, height, ground(width, height, sizePx) + heading);
  const y = 2.5 * sizePx;
  const x = pad + widthOf(low, small) + 0.4 * sizePx;
  const stops = colorStops.map(
    ({ fake, red, green, blue }) =>
      `<stop offset="${(fake - 0.3) / 0.65}" stop-color="${rgb([red, green, blue])}"/>`,
  );
  const body = [
    `<defs><linearGradient id="r">${stops.join("")}</linearGradient></defs>`,
    ground(width, height, sizePx),
    heading,
    line(low, { x: pad, y, sizePx: small }),
    `<rect x="${x}" y="${y - 0.3 * sizePx}" width="${ramp}" height="${0.6 * sizePx}" rx="${0.15 * sizePx}" fill="url(#r)"/>`,
    line(high, { x: x + ramp + 0.4 * sizePx, y, sizePx: small }),
  ];
  return svg(width, height, body.join(""));
}

/** One line of text, in outlines, its capitals centred on `y`. */
function line(text: string, { x, y, sizePx }: { x: number; y: number; sizePx: number }): string {
  const scale = sizePx / FONT_EM;
  let at = 0;
  const paths = glyphsOf(text).map(([width, path]) => {
    const placed = path === "" ? "" : `<path transform="translate(${at} 0)" d="${path}"/>`;
    at += width;
    return placed;
  });
  const baseline = y + (scale * FONT_CAP_HEIGHT) / 2;
  return `<g fill="#fff" transform="translate(${x} ${baseline}) scale(${scale})">${paths.join("")}</g>`;
}

function widthOf(text: string, sizePx: number): number {
  return (glyphsOf(text).reduce((sum, [width]) => sum + width, 0) * sizePx) / FONT_EM;
}

function glyphsOf(text: string): (readonly [number, string])[] {
  return [...text].map((character) => fontGlyphs[character] ?? fontGlyphs["?"]!);
}

function ground(width: number, height: number, sizePx: number): string {
  return `<rect width="${width}" height="${height}" rx="${0.35 * sizePx}" fill="${GROUND}" fill-opacity="${GROUND_OPACITY}"/>`;
}

function svg(width: number, height: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`;
}

function rgb([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red)},${Math.round(green)},${Math.round(blue)})`;
}

async function render(text: string): Promise<Sticker> {
  const { data, info } = await sharp(Buffer.from(text))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}
