import { TelltaleError } from "../errors.ts";
import type { MediaInfo } from "./types.ts";

/** Filters that work on one picture and open no file; `movie`, `subtitles`, `drawtext` and the like do. */
const allowedFilters = [
  "crop",
  "eq",
  "format",
  "gblur",
  "hflip",
  "hue",
  "noise",
  "pad",
  "scale",
  "transpose",
  "unsharp",
  "vflip",
];

/** What a filter graph is for. */
export interface GraphOptions {
  /** Expression for the `select` filter; null: every frame. */
  readonly select: string | null;
  readonly filter: string | undefined;
  readonly maxSidePx: number;
  readonly hasZscale: boolean;
  /** Whether all frames get the size that the first one has; otherwise each has its own. */
  readonly hasFixedSize: boolean;
  /** Whether the pictures become those of H.264 (BT.709, 4:2:0, even sides) in place of RGB, which costs less; not for HDR. */
  readonly isForH264?: boolean;
}

/**
 * ffmpeg's filter graph from a decoded (and by ffmpeg turned upright) picture to RGB at its final size.
 *
 * `filter` sees the picture upright, at its display size, in RGB. Selection comes before scaling and conversion, so that
 * they are not done for pictures that nobody wants; only fields need their neighbours. `showinfo` prints each passing
 * frame's size and its timestamp in microseconds.
 * @throws TelltaleError USAGE where `filter` holds a filter that is not allowed.
 */
export function filterGraph(info: MediaInfo, options: GraphOptions): string {
  const { maxSidePx, filter } = options;
  const size = fitInside(info, maxSidePx);
  const flags = size.width * 2 <= info.width ? "area" : "bicubic";
  const matrix = info.isHdr ? "" : swscaleMatrix(info);
  const limit = filter === undefined ? maxSidePx : Number.POSITIVE_INFINITY;
  const graph = [
    ...deinterlacing(info),
    ...(options.select ? [`select='${options.select}'`] : []),
    "settb=1/1000000",
    `scale=${options.hasFixedSize ? fixedSize(info, limit) : ownSize(info, limit)}:flags=${flags}${matrix}`,
  ];
  if (options.isForH264) {
    const even = [size.width, size.height].map((side) => Math.max(2, side - (side % 2)));
    const to = "out_color_matrix=bt709:out_range=tv";
    graph.splice(-1, 1, `scale=${even.join(":")}:flags=${flags}${matrix}:${to}`);
    return [...graph, "format=yuv420p", "setsar=1", "showinfo"].join(",");
  }
  if (info.isHdr && options.hasZscale) graph.push(...toneMapping(info));
  graph.push("format=rgb24", "setsar=1");
  if (filter !== undefined) graph.push(filter, shrinkUnknown(maxSidePx), "format=rgb24");
  return [...graph, "showinfo"].join(",");
}

function fixedSize(info: MediaInfo, maxSidePx: number): string {
  const { width, height } = fitInside(info, maxSidePx);
  return `${width}:${height}`;
}

/** {@link fitInside} for a picture whose size is known to ffmpeg alone: it may change from frame to frame. */
function ownSize(info: MediaInfo, maxSidePx: number): string {
  const isLyingDown = info.rotationDeg % 180 !== 0;
  // Beyond 16:1 it is a damaged header, and would make a picture of any size.
  const aspect = "if(between(sar,1/16,16),sar,1)";
  const shownWidth = isLyingDown ? "iw" : `max(1,round(iw*${aspect}))`;
  const shownHeight = isLyingDown ? `max(1,round(ih/${aspect}))` : "ih";
  if (maxSidePx === Number.POSITIVE_INFINITY) return `'${shownWidth}':'${shownHeight}'`;
  const factor = `min(1,${maxSidePx}/max(${shownWidth},${shownHeight}))`;
  return `'max(1,round(${shownWidth}*${factor}))':'max(1,round(${shownHeight}*${factor}))'`;
}

// Frames made of two fields that were taken at two times; idet finds out which of them are, since streams are mislabelled
// both ways. Other frames pass through as they are.
function deinterlacing(info: MediaInfo): readonly string[] {
  const isPlanar = /^yuvj?4(20|22|44)p(10le)?$/.test(info.pixelFormat ?? "");
  const isLarge = Math.min(info.width, info.height) >= 16;
  return info.video?.isInterlaced && isPlanar && isLarge ? ["idet", "bwdif=mode=0:deint=1"] : [];
}

/** The size of a picture scaled to at most `maxSidePx` on its long side. Never enlarges; at least 1 x 1. */
export function fitInside(
  size: { readonly width: number; readonly height: number },
  maxSidePx: number,
): { readonly width: number; readonly height: number } {
  const factor = Math.min(1, maxSidePx / Math.max(size.width, size.height));
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  };
}

function shrinkUnknown(maxSidePx: number): string {
  const factor = `min(1,${maxSidePx}/max(iw,ih))`;
  return `scale=w='max(1,round(iw*${factor}))':h='max(1,round(ih*${factor}))':flags=bicubic`;
}

/** @throws TelltaleError USAGE where a filter is not on the list. */
export function checkFilter(filter: string): void {
  // Labels and chains could bring in sources; quotes and escapes could hide a second filter's name.
  const isPlain = !/[;[\]'"\\]/.test(filter);
  const names = filter.split(",").map((one) => /^\s*([a-z0-9_]*)/.exec(one)?.[1] ?? "");
  const wrong = names.find((name) => !allowedFilters.includes(name));
  if (isPlain && wrong === undefined) return;
  const sentence = `Expected a chain of the filters ${allowedFilters.join(", ")} but received ${JSON.stringify(filter)}.`;
  throw new TelltaleError("USAGE", sentence);
}

const swscaleMatrices: Readonly<Record<string, string>> = {
  bt709: "bt709",
  smpte170m: "bt601",
  bt470bg: "bt601",
  fcc: "fcc",
  smpte240m: "smpte240m",
  bt2020nc: "bt2020",
  bt2020c: "bt2020",
};

// ffmpeg takes an untagged stream for BT.601; players take it for BT.709 above standard definition, and are right.
function swscaleMatrix(info: MediaInfo): string {
  const tagged = info.video?.colorMatrix;
  if (tagged === "gbr") return "";
  const untagged = Math.min(info.width, info.height) > 576 ? "bt709" : "bt601";
  return `:in_color_matrix=${(tagged && swscaleMatrices[tagged]) ?? untagged}`;
}

// BT.2408: HDR reference white is 203 cd/m2, so skin keeps about its SDR level; mobius leaves it as it is and bends
// only what is brighter. zscale works on planes without chroma subsampling, since it refuses odd sizes with it.
function toneMapping(info: MediaInfo): readonly string[] {
  const { colorTransfer, colorPrimaries, colorMatrix, colorRange } = info.video ?? {};
  const isRgb = colorMatrix === "gbr";
  const input = [
    `tin=${colorTransfer}`,
    `pin=${colorPrimaries ?? "bt2020"}`,
    `min=${isRgb ? "gbr" : (colorMatrix ?? "bt2020nc")}`,
    `rin=${isRgb || colorRange === "pc" ? "full" : "limited"}`,
  ].join(":");
  return [
    `format=${isRgb ? "gbrp10le" : "yuv444p10le"}`,
    `zscale=${input}:p=${colorPrimaries ?? "bt2020"}:m=gbr:t=linear:npl=203`,
    "format=gbrpf32le",
    "zscale=p=bt709:m=gbr",
    "tonemap=mobius:param=0.8:desat=0",
    "zscale=t=iec61966-2-1:m=gbr:r=full",
    "format=gbrp",
  ];
}
