import { basename, join } from "node:path";
import { writeWhole } from "../files/write-file.ts";
import type { Detection } from "../types/detection.ts";
import type { ReportPictures } from "../types/pictures.ts";
import type { OutputOptions } from "./output-options.ts";

/** Writes the heat maps and the overlay that were asked for. @returns the pictures of the HTML report, if wanted */
export async function showPictures(
  detection: Detection,
  { html, heatmaps, overlay }: OutputOptions,
  signal: AbortSignal,
): Promise<ReportPictures | null> {
  const { drawHeatmaps, makeReportPictures } = await import("../detection/report-pictures.ts");
  if (heatmaps !== undefined) {
    for await (const { track, frame, heatmap } of drawHeatmaps(detection)) {
      await writeWhole(join(heatmaps, heatmapName(detection.file, frame, track)), heatmap);
    }
  }
  if (overlay !== undefined) {
    const { writeOverlay } = await import("../detection/overlay.ts");
    await writeOverlay(detection, overlay, { signal });
  }
  return html === undefined ? null : makeReportPictures(detection);
}

/** e.g. `clip.mp4-0a1b2c3d-frame-0012-face-1.png`: the hash tells files of one name in different folders apart. */
function heatmapName({ path, sha256 }: Detection["file"], frame: number, track: number): string {
  return `${basename(path)}-${sha256.slice(0, 8)}-frame-${String(frame + 1).padStart(4, "0")}-face-${track}.png`;
}
