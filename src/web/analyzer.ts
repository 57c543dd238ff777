import { basename } from "node:path";
import { TelltaleError } from "../errors.ts";
import { withNames } from "../files/file-names.ts";
import { type DetectOptions, type Detector, makeReportPictures, openDetector } from "../index.ts";
import type { MediaInfo } from "../media/types.ts";
import { reportFailure, reportFile } from "../report/json.ts";
import type { FailureReport } from "../report/schema.ts";
import type { Job, JobResult } from "./job.ts";
import type { ServeOptions } from "./options.ts";
import type { UploadFolder } from "./upload-folder.ts";

/** A strip that is longer than this many times its width shows no face that could be judged. */
const MAX_ASPECT = 50;

/** Judges uploads with one model that stays loaded. */
export class Analyzer {
  readonly #limits: Pick<ServeOptions, "maxSec" | "maxMegapixels" | "jobSec">;
  readonly #detector: Detector;
  readonly #uploads: UploadFolder;

  private constructor(detector: Detector, limits: ServeOptions, uploads: UploadFolder) {
    this.#detector = detector;
    this.#uploads = uploads;
    this.#limits = limits;
  }

  /** Loads the model. @throws TelltaleError as `openDetector` */
  static async open(options: DetectOptions, limits: ServeOptions, uploads: UploadFolder): Promise<Analyzer> {
    return new Analyzer(await openDetector(options), limits, uploads);
  }

  get detector(): Pick<Detector, "manifest" | "backend" | "options" | "thresholdsFor"> {
    return this.#detector;
  }

  /** What came of an upload, which is deleted; never rejects: a file that cannot be judged is a report that says why. */
  async analyze(job: Job): Promise<JobResult> {
    const { jobSec } = this.#limits;
    const sentence = `Expected to judge the file within ${jobSec} s but it took longer: send a shorter or smaller copy.`;
    const clock = setTimeout(() => job.cancel(new TelltaleError("JOB_TIMEOUT", sentence)), jobSec * 1000);
    const names = new Map([
      [job.upload.path, job.upload.name],
      [this.#detector.options.model, basename(this.#detector.options.model)],
    ]);
    try {
      const { report, pictures } = await this.#look(job);
      return { report: withNames(report, names), pictures };
    } catch (error) {
      const report = failure(job, job.signal.aborted ? job.signal.reason : error);
      return { report: withNames(report, names), pictures: null };
    } finally {
      clearTimeout(clock);
      await this.#uploads.discard(job.upload.path);
    }
  }

  async close(): Promise<void> {
    await this.#detector.close();
  }

  async #look(job: Job): Promise<JobResult> {
    const { signal, upload } = job;
    signal.throwIfAborted();
    const detection = await this.#detector.detect(upload.path, {
      signal,
      hasEvidence: true,
      onMedia: (info) => {
        this.#checkSize(info, upload.name);
        job.setKind(info.kind);
      },
      onFrame: ({ frame, total }) => job.addFrame(frame, total),
    });
    return { report: reportFile(detection), pictures: await makeReportPictures(detection) };
  }

  /** Every part counts: a picture's file may hold a clip, and a video's file another one. */
  #checkSize(info: MediaInfo, name: string): void {
    const parts = [info, ...(info.others ?? [])];
    for (const part of parts) this.#checkPicture(part, name);
    const { maxSec } = this.#limits;
    const durationSec = parts.reduce((sum, part) => sum + (part.durationSec ?? 0), 0);
    if (durationSec > maxSec) {
      const sentence = `Expected at most ${maxSec} s of video but ${name} has ${Math.round(durationSec)} s: send the part that matters.`;
      throw new TelltaleError("MEDIA_TOO_LONG", sentence);
    }
  }

  #checkPicture({ width, height }: MediaInfo, name: string): void {
    const { maxMegapixels } = this.#limits;
    if (width * height > maxMegapixels * 1e6) {
      const sentence = `Expected at most ${maxMegapixels} megapixels but ${name} has ${width} x ${height}: save it smaller.`;
      throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
    }
    if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
      const sentence = `Expected a picture at most ${MAX_ASPECT} times as long as it is wide but ${name} has ${width} x ${height}: cut out the part that matters.`;
      throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
    }
  }
}

function failure({ upload }: Job, error: unknown): FailureReport {
  if (error instanceof TelltaleError) return reportFailure(upload.name, error);
  process.stderr.write(`telltale: ${error instanceof Error ? error.stack : error}\n`);
  const message = "Something happened that the server did not expect; its log says what.";
  return reportFailure(upload.name, { code: "UNEXPECTED", message });
}
