import { replaceFile } from "../files/write-file.ts";
import { decodeImage, overlayPicture, overlaySize, overlayVideo, probe } from "../media/index.ts";
import type { Detection, Thresholds } from "./detection.ts";
import { OverlayCanvas } from "./overlay-canvas.ts";
import { type Mark, MarkTimeline } from "./overlay-marks.ts";

/** Marks that move 15 times a second look steady, and cost half of what a mark for each frame does. */
const MARKS_PER_SEC = 15;

const colours = {
  forged: [192, 57, 10],
  authentic: [0, 122, 89],
  between: [138, 104, 0],
} as const;

/**
 * Writes the file of a detection anew with boxes, authenticity and heat drawn in: a video as MP4, its sound kept, a
 * picture as PNG.
 *
 * A face is drawn at every time between two sampled frames that show it within a second, in a straight line from one
 * to the other; elsewhere for half a second around the frame that shows it. More `frames` follow a face more closely.
 *
 * @param detection made with `hasEvidence`
 * @param path of the MP4 or PNG, written whole or not at all
 * @throws TelltaleError `ENCODE_FAILED`, `ABORTED`, `FFMPEG_MISSING`, `OUTPUT_UNWRITABLE`
 */
export async function writeOverlay(
  detection: Detection,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await replaceFile(path, (temporary) =>
    detection.file.kind === "image"
      ? drawOnPicture(detection, temporary)
      : drawOnVideo(detection, temporary, signal),
  );
}

async function drawOnPicture(detection: Detection, path: string): Promise<void> {
  const picture = await decodeImage(detection.file.path);
  const canvas = new OverlayCanvas(picture);
  drawMarks(canvas, new MarkTimeline(detection).at(0), detection.threshold);
  await overlayPicture(picture, canvas.data, path);
}

async function drawOnVideo(
  detection: Detection,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const info = await probe(detection.file.path, signal ? { signal } : {});
  await overlayVideo(info, path, () => ({
    fps: MARKS_PER_SEC,
    pictures: drawTimeline(detection, overlaySize(info)),
    signal,
  }));
}

/** The marks from the start of the video to the last one, RGBA, then one empty picture. */
function* drawTimeline(
  detection: Detection,
  size: { readonly width: number; readonly height: number },
): Generator<Uint8Array> {
  const timeline = new MarkTimeline(detection);
  const endSec = (detection.frames.at(-1)?.timeSec ?? 0) + 1;
  for (let i = 0; i / MARKS_PER_SEC <= endSec; i++) {
    const canvas = new OverlayCanvas(size);
    drawMarks(canvas, timeline.at(i / MARKS_PER_SEC), detection.threshold);
    yield canvas.data;
  }
  yield new OverlayCanvas(size).data;
}

function drawMarks(canvas: OverlayCanvas, marks: readonly Mark[], thresholds: Thresholds): void {
  for (const { heat } of marks) if (heat) canvas.drawHeat(heat.map, heat.square);
  for (const { track, box, authenticity } of marks) {
    const colour = colourOf(authenticity, thresholds);
    canvas.drawBox(box, colour);
    canvas.drawLabel(`${track}:${authenticity?.toFixed(2) ?? "-"}`, box, colour);
  }
}

function colourOf(
  authenticity: number | null,
  { forgedBelow, authenticAbove }: Thresholds,
): readonly [number, number, number] {
  if (authenticity === null) return colours.between;
  if (authenticity < forgedBelow) return colours.forged;
  return authenticity > authenticAbove ? colours.authentic : colours.between;
}
