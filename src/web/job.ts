import { EventEmitter, once } from "node:events";
import { TelltaleError } from "../errors.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { MediaInfo } from "../media/types.ts";
import type { Report } from "../report/schema.ts";
import type { ReportPictures } from "../types/pictures.ts";
import type { LiveFrame } from "./job-schema.ts";
import { randomSecret } from "./secrets.ts";

/** 128 bits: ids cannot be guessed. */
const ID_BYTES = 16;

/** What is known of an upload before it is judged. */
export interface Upload {
  /** As its sender calls it; shown, and never used as a path. */
  readonly name: string;
  readonly bytes: number;
  /** Where it lies until it has been judged. */
  readonly path: string;
}

/** What came of a job. */
export interface JobResult {
  readonly report: Report;
  /** Null where there is nothing to show. */
  readonly pictures: ReportPictures | null;
}

/** A file on its way through the queue: what is known so far, and a word whenever that changes. */
export class Job {
  readonly id = randomSecret(ID_BYTES);
  /** Hash of its owner's secret. */
  readonly owner: string;
  readonly upload: Upload;
  readonly createdMs = Date.now();
  readonly frames: LiveFrame[] = [];
  state: "queued" | "running" | "done" | "failed" = "queued";
  /** Null before the file has been opened. */
  kind: MediaInfo["kind"] | null = null;
  /** Frames that will be looked at; null where that is not known. */
  total: number | null = null;
  result: JobResult | null = null;
  /** When the result will be wiped; null before there is one. */
  expiresMs: number | null = null;
  readonly #abort = new AbortController();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  constructor(owner: string, upload: Upload) {
    this.owner = owner;
    this.upload = upload;
  }

  /** Aborted with a TelltaleError once nobody wants the job any more. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isFinished(): boolean {
    return this.result !== null;
  }

  start(): void {
    this.state = "running";
    this.tell();
  }

  setKind(kind: MediaInfo["kind"]): void {
    this.kind = kind;
    this.tell();
  }

  addFrame(frame: FrameObservation, total: number | null): void {
    this.frames.push(liveFrame(frame));
    this.total = total;
    this.tell();
  }

  finish(result: JobResult, expiresMs: number): void {
    this.result = result;
    this.expiresMs = expiresMs;
    this.state = "error" in result.report ? "failed" : "done";
    this.tell();
  }

  /** Ends the job at its next step, with this error as its report; without effect once it has finished. */
  cancel(error = new TelltaleError("JOB_CANCELLED", "The job was cancelled before its end.")): void {
    this.#abort.abort(error);
    this.tell();
  }

  /** Lets everybody know who waits for a change. */
  tell(): void {
    this.#changes.emit("change");
  }

  /** Resolves at the next change, or when the signal is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changes, "change", { signal }).catch(() => {});
  }
}

function liveFrame({ index, timeSec, width, height, faces, error }: FrameObservation): LiveFrame {
  return {
    index,
    timeSec: round(timeSec, 3),
    width,
    height,
    faces: faces.map(({ box: [x, y, w, h], authenticity }) => ({
      box: [round(x, 1), round(y, 1), round(w, 1), round(h, 1)],
      authenticity: authenticity === null ? null : round(authenticity, 4),
    })),
    failed: error !== null,
  };
}

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
