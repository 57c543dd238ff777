import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { overlaySize, overlayVideo, probe } from "../media/index.ts";
import type { Detection, Thresholds } from "./detection.ts";
import { OverlayCanvas } from "./overlay-canvas.ts";
import { MarkTimeline } from "./overlay-marks.ts";

/** Marks that move 15 times a second look steady, and cost half of what a mark for each frame does. */
const MARKS_PER_SEC = 15;

const colours = {
  forged: [192, 57, 10],
  authentic: [0, 122, 89],
  between: [138, 104, 0],
} as const;

/**
 * Writes the video of a detection anew as MP4 with boxes, authenticity and heat drawn in; its sound is kept.
 *
 * A face is drawn at every time between two sampled frames that show it within a second, in a straight line from one
 * to the other; elsewhere for half a second around the frame that shows it. More `frames` follow a face more closely.
 *
 * @param detection made with `hasEvidence`
 * @param path of the MP4, written whole or not at all
 * @throws TelltaleError `USAGE` for a still image; `ENCODE_FAILED`, `ABORTED`, `FFMPEG_MISSING`, `OUTPUT_UNWRITABLE`
 */
export async function writeOverlay(
  detection: Detection,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if (detection.file.kind === "image") {
    const sentence = `Expected a video to draw on but ${detection.file.path} is a picture; --heatmaps draws on its faces.`;
    throw new TelltaleError("USAGE", sentence);
  }
  const info = await probe(detection.file.path, signal ? { signal } : {});
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    await overlayVideo(info, beside, () => ({
      fps: MARKS_PER_SEC,
      pictures: drawMarks(detection, overlaySize(info)),
      signal,
    }));
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** The marks from the start of the video to the last one, RGBA, then one empty picture. */
function* drawMarks(
  detection: Detection,
  size: { readonly width: number; readonly height: number },
): Generator<Uint8Array> {
  const timeline = new MarkTimeline(detection);
  const endSec = (detection.frames.at(-1)?.timeSec ?? 0) + 1;
  for (let i = 0; i / MARKS_PER_SEC <= endSec; i++) {
    const canvas = new OverlayCanvas(size);
    const marks = timeline.at(i / MARKS_PER_SEC);
    for (const { heat } of marks) if (heat) canvas.drawHeat(heat.map, heat.square);
    for (const { track, box, authenticity } of marks) {
      const colour = colourOf(authenticity, detection.threshold);
      canvas.drawBox(box, colour);
      canvas.drawLabel(`${track}:${authenticity?.toFixed(2) ?? "-"}`, box, colour);
    }
    yield canvas.data;
  }
  yield new OverlayCanvas(size).data;
}

function colourOf(
  authenticity: number | null,
  { forgedBelow, authenticAbove }: Thresholds,
): readonly [number, number, number] {
  if (authenticity === null) return colours.between;
  if (authenticity < forgedBelow) return colours.forged;
  return authenticity > authenticAbove ? colours.authentic : colours.between;
}
