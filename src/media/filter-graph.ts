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

/**
 * ffmpeg's filter graph from a decoded (and by ffmpeg turned upright) picture to RGB at its final size.
 *
 * `filter` sees the picture upright, at its display size, in RGB. Selection comes first, so that pictures nobody wants are neither scaled nor converted. A side branch of 16 x 16
 * pixels prints each passing frame's timestamp in microseconds: old ffmpegs can only print it along with a checksum
 * of the picture, which costs more than decoding.
 * @param options.select expression for the `select` filter; null: every frame
 * @throws TelltaleError USAGE where `filter` holds a filter that is not allowed.
 */
export function filterGraph(
  info: MediaInfo,
  options: { select: string | null; filter: string | undefined; maxSidePx: number; hasZscale: boolean },
): string {
  const { width, height, maxSidePx, filter } = { ...info, ...options };
  const head = [
    ...(options.select ? [`select='${options.select}'`] : []),
    "settb=1/1000000",
    "split[frame][time]",
  ];
  const time = "[time]crop='min(16,iw)':'min(16,ih)':0:0,showinfo,nullsink";

  const size = fitInside({ width, height }, maxSidePx);
  const flags = size.width * 2 <= width ? "area" : "bicubic";
  const matrix = info.isHdr ? "" : swscaleMatrix(info);
  const shown = filter === undefined ? size : { width, height };
  const body = [`scale=${shown.width}:${shown.height}:flags=${flags}${matrix}`];
  if (info.isHdr && options.hasZscale) body.push(...toneMapping(info));
  body.push("format=rgb24", "setsar=1");
  if (filter !== undefined) body.push(filter, shrinkUnknown(maxSidePx), "format=rgb24");
  return `${head.join(",")};${time};[frame]${body.join(",")}`;
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
