import { replaceFile } from "../files/write-file.ts";
import { decodeImage, overlayPicture, overlaySize, overlayVideo, probe } from "../media/index.ts";
import { verdictWords } from "../report/words.ts";
import type { Detection, Thresholds, Verdict } from "../types/detection.ts";
import { OverlayCanvas } from "./overlay-canvas.ts";
import { LabelMaker, type Rgb, type Sticker } from "./overlay-labels.ts";
import { type Mark, MarkTimeline } from "./overlay-marks.ts";
import { hasHeat } from "./report-pictures.ts";

/** Marks that move 15 times a second look steady, and cost half of what a mark for each frame does. */
const MARKS_PER_SEC = 15;

/** Bright enough to show on dark scenes; the dark rim shows them on light ones (hues: Okabe & Ito 2008). */
const colours: Readonly<Record<Verdict, Rgb>> = {
  forged: [255, 112, 40],
  authentic: [120, 190, 240],
  inconclusive: [245, 205, 70],
};

/**
 * Writes a copy of a detection's file with boxes, authenticity, heat, the verdict and a legend drawn in: a video as MP4, its
 * sound kept, a picture as PNG.
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
  const painter = await Painter.open(detection, canvas);
  await painter.draw(canvas, new MarkTimeline(detection).at(0));
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
    pictures: drawTimeline(detection, overlaySize(info), info.durationSec),
    signal,
  }));
}

/** The marks from the start of the video to its end, RGBA. */
async function* drawTimeline(
  detection: Detection,
  size: { readonly width: number; readonly height: number },
  durationSec: number | null,
): AsyncGenerator<Uint8Array> {
  const timeline = new MarkTimeline(detection);
  const painter = await Painter.open(detection, new OverlayCanvas(size));
  const endSec = Math.max(durationSec ?? 0, detection.frames.at(-1)?.timeSec ?? 0) + 1;
  let bare: Uint8Array | null = null;
  for (let i = 0; i / MARKS_PER_SEC <= endSec; i++) {
    const marks = timeline.at(i / MARKS_PER_SEC);
    if (marks.length === 0 && bare !== null) {
      yield bare;
      continue;
    }
    const canvas = new OverlayCanvas(size);
    await painter.draw(canvas, marks);
    if (marks.length === 0) bare = canvas.data;
    yield canvas.data;
  }
}

/** Draws the marks of one file. */
class Painter {
  readonly #labels: LabelMaker;
  readonly #legend: Sticker;
  readonly #threshold: Thresholds;

  private constructor(labels: LabelMaker, legend: Sticker, threshold: Thresholds) {
    this.#labels = labels;
    this.#legend = legend;
    this.#threshold = threshold;
  }

  /** @param canvas of the size that will be drawn on */
  static async open(detection: Detection, { textPx }: OverlayCanvas): Promise<Painter> {
    const { verdict, threshold } = detection;
    const labels = new LabelMaker(textPx);
    const legend = await labels.legend(verdictWords[verdict], colours[verdict], hasHeat(detection));
    return new Painter(labels, legend, threshold);
  }

  async draw(canvas: OverlayCanvas, marks: readonly Mark[]): Promise<void> {
    for (const { heat } of marks) if (heat) canvas.drawHeatMap(heat.map, heat.square);
    for (const { box, authenticity } of marks) canvas.drawBox(box, colours[this.#sideOf(authenticity)]);
    const edge = canvas.textPx / 2;
    canvas.drawSticker(this.#legend, edge, canvas.height - this.#legend.height - edge);
    // Labels come last: where faces are close, they stay readable.
    for (const { track, box, authenticity } of marks) {
      const text = authenticity === null ? `Face ${track}` : `Face ${track}  ${authenticity.toFixed(2)}`;
      canvas.drawLabel(await this.#labels.label(text, colours[this.#sideOf(authenticity)]), box);
    }
  }

  #sideOf(authenticity: number | null): Verdict {
    const { forgedBelow, authenticAbove } = this.#threshold;
    if (authenticity === null) return "inconclusive";
    if (authenticity < forgedBelow) return "forged";
    return authenticity > authenticAbove ? "authentic" : "inconclusive";
  }
}
