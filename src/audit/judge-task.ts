import { type Detector, openDetector } from "../detection/detect.ts";
import type { Detection } from "../detection/detection.ts";
import { makeExhibits } from "../detection/exhibits.ts";
import type { DetectOptions } from "../detection/options.ts";
import { meaningOf, TelltaleError } from "../errors.ts";
import { folderName } from "../files/file-names.ts";
import { decodeImage, encodeJpeg, probe } from "../media/index.ts";
import { formatHtml } from "../report/html/page.ts";
import { formatJson, reportFile } from "../report/json.ts";
import { failureFinding, findingOf } from "./finding.ts";
import { failedJudgement, type JudgeCall, type Judgement, type JudgeTask } from "./judge.ts";
import { reach } from "./media-source.ts";

/** Long side of the pictures in a summary. */
const THUMBNAIL_PX = 192;

/** Judges one task after the other; the model is loaded for the first that is media, and kept. */
export class TaskJudge {
  readonly #options: Pick<DetectOptions, "model" | "backend">;
  readonly #scratch: string;
  #open: { readonly key: string; readonly detector: Detector } | null = null;

  /** @param scratch folder for what must be copied or linked to be read */
  constructor(options: Pick<DetectOptions, "model" | "backend">, scratch: string) {
    this.#options = options;
    this.#scratch = scratch;
  }

  /** @throws TelltaleError what no finding of this file can say: whatever does not concern the file alone */
  async judge(task: JudgeTask, { signal, onProgress }: JudgeCall): Promise<Judgement> {
    // In reports and sentences the file has the path that the audit knows it by, wherever it was read from.
    let rename = (sentence: string) => sentence;
    try {
      const material = await reach(task, this.#scratch, signal);
      rename = (sentence) => sentence.replaceAll(material.path, task.path);
      try {
        // Only media need the model, and a folder may hold none.
        if (this.#open === null) await probe(material.path, { signal });
        const detector = await this.#detectorFor(task);
        const onFrame = ({ done, total }: { done: number; total: number | null }) =>
          onProgress?.(done, total);
        const detection = await detector.detect(material.path, {
          signal,
          onFrame,
          hasEvidence: task.reports !== "none",
        });
        if (detection.file.sha256 !== task.sha256) throw changed(task);
        return await present(named(detection, task, rename), task);
      } finally {
        await material.release();
      }
    } catch (error) {
      if (!(error instanceof TelltaleError) || meaningOf(error.code).concerns !== "file") throw error;
      // A thread that does not even start is not the file's fault.
      if (error.code === "WORKER_FAILED" && this.#open === null) throw error;
      return failedJudgement(failureFinding(task.path, { code: error.code, message: rename(error.message) }));
    }
  }

  async #detectorFor(task: JudgeTask): Promise<Detector> {
    const { frames, fps, stability, modelSha256, provenance, trustAnchors } = task;
    const key = JSON.stringify([frames, fps, stability, provenance, trustAnchors]);
    if (this.#open?.key !== key) {
      await this.close();
      const sampling = fps === null ? { frames: frames! } : { fps };
      // Files are judged side by side in processes of their own, so one thread does here.
      const detector = await openDetector({
        ...{ ...this.#options, ...sampling, stability, provenance, workers: 1 },
        ...(trustAnchors === null ? {} : { trustAnchors }),
      });
      this.#open = { key, detector };
    }
    const { detector } = this.#open;
    const { sha256, version, name } = { ...detector.manifest, ...detector.manifest.weights };
    if (sha256 !== modelSha256) {
      const sentence = `Expected the model ${modelSha256.slice(0, 12)} that the audit was begun with but this is ${name} ${version} (${sha256.slice(0, 12)}); give the same one with --model.`;
      throw new TelltaleError("MODEL_MISMATCH", sentence);
    }
    return detector;
  }

  async close(): Promise<void> {
    await this.#open?.detector.close();
    this.#open = null;
  }
}

function named(detection: Detection, task: JudgeTask, rename: (sentence: string) => string): Detection {
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

async function present(detection: Detection, { reports }: JudgeTask): Promise<Judgement> {
  const finding = findingOf(detection);
  if (reports === "none") return failedJudgement(finding);
  const thumbnailBase64 = await thumbnailOf(detection);
  if (reports === "flagged" && finding.outcome === "authentic")
    return { finding, report: null, thumbnailBase64 };
  return { finding, thumbnailBase64, report: await reportOf(detection) };
}

async function reportOf(detection: Detection): Promise<NonNullable<Judgement["report"]>> {
  const report = reportFile(detection);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const html = formatHtml([{ report, exhibits: await makeExhibits(detection) }], {
    madeAt: new Date(),
    timeZone,
  });
  return { html, json: formatJson([report]) };
}

/** The frame that looks most forged, small. */
async function thumbnailOf({ evidence = [], frames }: Detection): Promise<string | null> {
  const authenticityOf = (index: number) => frames.find((frame) => frame.index === index)?.authenticity ?? 2;
  const [shown] = [...evidence].sort((a, b) => authenticityOf(a.index) - authenticityOf(b.index));
  if (!shown) return null;
  const picture = await decodeImage(Buffer.from(shown.thumbnail));
  const jpeg = await encodeJpeg(picture, { quality: 70, maxSidePx: THUMBNAIL_PX });
  return Buffer.from(jpeg).toString("base64");
}

function changed({ path }: JudgeTask): TelltaleError {
  return new TelltaleError(
    "FILE_CHANGED",
    `Expected ${path} to stay as it is while it is judged, but it changed; audit it again.`,
  );
}
