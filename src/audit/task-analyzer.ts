import { type Detector, openDetector } from "../detection/detect.ts";
import { makeReportPictures } from "../detection/report-pictures.ts";
import { meaningOf, TelltaleError } from "../errors.ts";
import { folderName } from "../files/file-names.ts";
import { decodeImage, encodeJpeg, probe } from "../media/index.ts";
import type { DetectOptions } from "../options/detect-options.ts";
import { formatHtml } from "../report/html/page.ts";
import { formatJson, reportFile } from "../report/json.ts";
import type { Detection } from "../types/detection.ts";
import { type AnalysisCall, type AnalysisOutput, type AnalysisTask, withoutReport } from "./analyzer.ts";
import { failedResult, resultOf } from "./file-result.ts";
import { openMedia } from "./open-media.ts";

/** Longer side of the thumbnails in a summary. */
const THUMBNAIL_PX = 192;

/** Analyzes one task at a time. The model is loaded for the first media file and kept. */
export class TaskAnalyzer {
  readonly #options: Pick<DetectOptions, "model" | "backend">;
  readonly #scratch: string;
  #open: { readonly key: string; readonly detector: Detector } | null = null;

  /** @param scratch folder for temporary links and copies */
  constructor(options: Pick<DetectOptions, "model" | "backend">, scratch: string) {
    this.#options = options;
    this.#scratch = scratch;
  }

  /** @throws TelltaleError for an error that does not concern the file alone */
  async analyze(task: AnalysisTask, { signal, onProgress }: AnalysisCall): Promise<AnalysisOutput> {
    // Reports and errors show the path in the audited folder, not that of a temporary link or copy.
    let rename = (sentence: string) => sentence;
    try {
      const media = await openMedia(task, this.#scratch, signal);
      rename = (sentence) => sentence.replaceAll(media.path, task.path);
      try {
        // Do not load the model for a file that is not media.
        if (this.#open === null) await probe(media.path, { signal });
        const detector = await this.#detectorFor(task);
        const onFrame = ({ done, total }: { done: number; total: number | null }) =>
          onProgress?.(done, total);
        const detection = await detector.detect(media.path, {
          signal,
          onFrame,
          hasEvidence: task.reports !== "none",
        });
        if (detection.file.sha256 !== task.sha256) throw changed(task);
        return await outputOf(named(detection, task, rename), task);
      } finally {
        await media.release();
      }
    } catch (error) {
      if (!(error instanceof TelltaleError) || meaningOf(error.code).concerns !== "file") throw error;
      // The first thread did not start: not the fault of the file.
      if (error.code === "WORKER_FAILED" && this.#open === null) throw error;
      return withoutReport(failedResult(task.path, { code: error.code, message: rename(error.message) }));
    }
  }

  async #detectorFor(task: AnalysisTask): Promise<Detector> {
    const { frames, fps, stability, modelSha256, provenance, trustAnchors } = task;
    const key = JSON.stringify([frames, fps, stability, provenance, trustAnchors]);
    if (this.#open?.key !== key) {
      await this.close();
      const sampling = fps === null ? { frames: frames! } : { fps };
      // Files run in parallel in separate processes, so each process needs one thread only.
      const detector = await openDetector({
        ...{ ...this.#options, ...sampling, stability, provenance, workers: 1 },
        ...(trustAnchors === null ? {} : { trustAnchors }),
      });
      this.#open = { key, detector };
    }
    const { detector } = this.#open;
    const { sha256, version, name } = { ...detector.manifest, ...detector.manifest.weights };
    if (sha256 !== modelSha256) {
      const sentence = `Expected the model ${modelSha256.slice(0, 12)} that the audit was started with but this is ${name} ${version} (${sha256.slice(0, 12)}); set the same one with --model.`;
      throw new TelltaleError("MODEL_MISMATCH", sentence);
    }
    return detector;
  }

  async close(): Promise<void> {
    await this.#open?.detector.close();
    this.#open = null;
  }
}

function named(detection: Detection, task: AnalysisTask, rename: (sentence: string) => string): Detection {
  return {
    ...detection,
    file: { ...detection.file, path: task.path },
    options: task.paths
      ? detection.options
      : { ...detection.options, model: folderName(detection.options.model) },
    warnings: detection.warnings.map(rename),
    frames: detection.frames.map((frame) => ({ ...frame, error: frame.error && rename(frame.error) })),
  };
}

async function outputOf(detection: Detection, { reports }: AnalysisTask): Promise<AnalysisOutput> {
  const result = resultOf(detection);
  if (reports === "none") return withoutReport(result);
  const thumbnailBase64 = await thumbnailOf(detection);
  if (reports === "flagged" && result.outcome === "authentic")
    return { result, report: null, thumbnailBase64 };
  return { result, thumbnailBase64, report: await reportOf(detection) };
}

async function reportOf(detection: Detection): Promise<NonNullable<AnalysisOutput["report"]>> {
  const report = reportFile(detection);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const html = formatHtml([{ report, pictures: await makeReportPictures(detection) }], {
    madeAt: new Date(),
    timeZone,
  });
  return { html, json: formatJson([report]) };
}

/** The frame with the lowest authenticity as a small JPEG in base64; null if there is none. */
async function thumbnailOf({ evidence = [], frames }: Detection): Promise<string | null> {
  const authenticityOf = (index: number) => frames.find((frame) => frame.index === index)?.authenticity ?? 2;
  const [shown] = [...evidence].sort((a, b) => authenticityOf(a.index) - authenticityOf(b.index));
  if (!shown) return null;
  const picture = await decodeImage(Buffer.from(shown.thumbnail));
  const jpeg = await encodeJpeg(picture, { quality: 70, maxSidePx: THUMBNAIL_PX });
  return Buffer.from(jpeg).toString("base64");
}

function changed({ path }: AnalysisTask): TelltaleError {
  return new TelltaleError(
    "FILE_CHANGED",
    `Expected ${path} not to change during the analysis, but it did; run the audit again.`,
  );
}
