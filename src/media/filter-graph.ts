import { TelltaleError } from "../errors.ts";
import type { MediaInfo } from "./types.ts";

/** Filters that work on single pictures and cannot open files, unlike `movie`, `subtitles` or `drawtext`. */
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

/** Options for {@link filterGraph}. */
export interface GraphOptions {
  /** Expression of the `select` filter; null for all frames. */
  readonly select: string | null;
  readonly filter: string | undefined;
  readonly maxSidePx: number;
  readonly hasZscale: boolean;
  /** Whether all frames get the size of the first one; else each keeps its own. */
  readonly hasFixedSize: boolean;
  /** Whether the pictures become those of H.264 (BT.709, 4:2:0, even sides) in place of RGB, which costs less; not for HDR. */
  readonly isForH264?: boolean;
}

/**
 * The filter graph from a decoded picture, which ffmpeg has already rotated upright, to RGB at the final size.
 *
 * `filter` gets the upright picture at display size in RGB. Frames are selected before scaling and conversion, for speed, but
 * after deinterlacing, which needs neighbouring frames. `showinfo` prints size and timestamp (microseconds) of each frame.
 *
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

/** {@link fitInside} as an expression, for pictures whose size changes from frame to frame. */
function ownSize(info: MediaInfo, maxSidePx: number): string {
  const isSideways = info.rotationDeg % 180 !== 0;
  // Ratios beyond 16:1 come from damaged headers.
  const aspect = "if(between(sar,1/16,16),sar,1)";
  const shownWidth = isSideways ? "iw" : `max(1,round(iw*${aspect}))`;
  const shownHeight = isSideways ? `max(1,round(ih/${aspect}))` : "ih";
  if (maxSidePx === Number.POSITIVE_INFINITY) return `'${shownWidth}':'${shownHeight}'`;
  const factor = `min(1,${maxSidePx}/max(${shownWidth},${shownHeight}))`;
  return `'max(1,round(${shownWidth}*${factor}))':'max(1,round(${shownHeight}*${factor}))'`;
}

// idet detects interlaced frames, because streams are often mislabelled. Progressive frames are not changed.
function deinterlacing(info: MediaInfo): readonly string[] {
  const isPlanar = /^yuvj?4(20|22|44)p(10le)?$/.test(info.pixelFormat ?? "");
  const isLarge = Math.min(info.width, info.height) >= 16;
  return info.video?.isInterlaced && isPlanar && isLarge ? ["idet", "bwdif=mode=0:deint=1"] : [];
}

/** Size of a picture scaled down to a long side of at most `maxSidePx`; at least 1 x 1. */
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

/** @throws TelltaleError USAGE if a filter is not allowed. */
export function checkFilter(filter: string): void {
  // Labels and chains could add sources; quotes and escapes could hide a filter name.
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

// ffmpeg decodes untagged streams as BT.601. Above standard definition they are BT.709, as in players.
function swscaleMatrix(info: MediaInfo): string {
  const tagged = info.video?.colorMatrix;
  if (tagged === "gbr") return "";
  const untagged = Math.min(info.width, info.height) > 576 ? "bt709" : "bt601";
  return `:in_color_matrix=${(tagged && swscaleMatrices[tagged]) ?? untagged}`;
}

// HDR reference white is 203 cd/m2 (BT.2408), so that skin keeps about its SDR level; mobius only compresses brighter values.
// zscale needs planes without chroma subsampling, because it rejects odd sizes otherwise.
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
