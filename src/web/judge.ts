import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { TelltaleError } from "../errors.ts";
import { type DetectOptions, type Detector, makeExhibits, openDetector } from "../index.ts";
import type { MediaInfo } from "../media/types.ts";
import { reportFailure, reportFile } from "../report/json.ts";
import type { FailureReport } from "../report/schema.ts";
import { rename } from "./display-name.ts";
import type { Job, JobResult } from "./job.ts";
import type { ServeOptions } from "./options.ts";

/** Judges uploads with one model that stays loaded. */
export class Judge {
  readonly #options: DetectOptions;
  readonly #limits: Pick<ServeOptions, "maxSec" | "maxMegapixels" | "jobSec">;
  #detector: Detector;
  #reopening: Promise<void> | null = null;

  private constructor(detector: Detector, options: DetectOptions, limits: ServeOptions) {
    this.#detector = detector;
    this.#options = options;
    this.#limits = limits;
  }

  /** Loads the model. @throws TelltaleError as `openDetector` */
  static async open(options: DetectOptions, limits: ServeOptions): Promise<Judge> {
    return new Judge(await openDetector(options), options, limits);
  }

  get detector(): Pick<Detector, "manifest" | "backend" | "options" | "thresholdsFor"> {
    return this.#detector;
  }

  /** What came of an upload, which is deleted; never rejects: a file that cannot be judged is a report that says why. */
  async judge(job: Job): Promise<JobResult> {
    const { jobSec } = this.#limits;
    const sentence = `Expected to judge the file within ${jobSec} s but it took longer: send a shorter or smaller copy.`;
    const clock = setTimeout(() => job.cancel(new TelltaleError("JOB_TIMEOUT", sentence)), jobSec * 1000);
    const names = new Map([
      [job.upload.path, job.upload.name],
      [this.#detector.options.model, basename(this.#detector.options.model)],
    ]);
    try {
      const { report, exhibits } = await this.#look(job);
      return { report: rename(report, names), exhibits };
    } catch (error) {
      const report = failure(job, job.signal.aborted ? job.signal.reason : error);
      return { report: rename(report, names), exhibits: null };
    } finally {
      clearTimeout(clock);
      await rm(job.upload.path, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#detector.close();
  }

  async #look(job: Job): Promise<JobResult> {
    const { signal, upload } = job;
    signal.throwIfAborted();
    const detector = this.#detector;
    try {
      const detection = await detector.detect(upload.path, {
        signal,
        hasEvidence: true,
        onMedia: (info) => this.#checkSize(info, upload.name),
        onFrame: ({ frame, total }) => job.addFrame(frame, total),
      });
      return { report: reportFile(detection), exhibits: await makeExhibits(detection) };
    } catch (error) {
      if (error instanceof TelltaleError && error.code === "WORKER_FAILED") await this.#reopen(detector);
      throw error;
    }
  }

  // Its threads are gone, and so is every job of theirs: the next file gets a new one.
  async #reopen(broken: Detector): Promise<void> {
    if (this.#detector !== broken) return;
    this.#reopening ??= (async () => {
      await broken.close().catch(() => {});
      this.#detector = await openDetector(this.#options);
    })().finally(() => {
      this.#reopening = null;
    });
    await this.#reopening;
  }

  #checkSize({ width, height, durationSec }: MediaInfo, name: string): void {
    const { maxSec, maxMegapixels } = this.#limits;
    if (width * height > maxMegapixels * 1e6) {
      const sentence = `Expected at most ${maxMegapixels} megapixels but ${name} has ${width} x ${height}: save it smaller.`;
      throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
    }
    if (durationSec !== null && durationSec > maxSec) {
      const sentence = `Expected at most ${maxSec} s of video but ${name} has ${Math.round(durationSec)} s: send the part that matters.`;
      throw new TelltaleError("MEDIA_TOO_LONG", sentence);
    }
  }
}

function failure({ upload }: Job, error: unknown): FailureReport {
  if (error instanceof TelltaleError) return reportFailure(upload.name, error);
  process.stderr.write(`telltale: ${error instanceof Error ? error.stack : error}\n`);
  const message = "Something happened that the server did not expect; its log says what.";
  return reportFailure(upload.name, { code: "UNEXPECTED", message });
}
