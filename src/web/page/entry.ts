import type { Finding, JobSummary, JobView } from "../job-schema.ts";
import { Refusal, sendFile, wipe } from "./server.ts";
import type { Outcome } from "./verdict.ts";
import { refusalWords, size } from "./words.ts";

/** One file of the page: chosen here, or known from the server. */
export class Entry {
  readonly name: string;
  readonly bytes: number;
  /** The file itself, where it was chosen in this tab; a reload keeps only what the server has. */
  readonly file: File | null;
  /** The job's id; null before the server has the file. */
  id: string | null = null;
  /** What the server says of it; null before it has it. */
  summary: JobSummary | null = null;
  /** Why the file was refused before there was a job. */
  refusal: string | null = null;
  #phase = "Waiting to be uploaded";
  #share: number | null = null;
  readonly #stop = new AbortController();
  readonly #onChange: (entry: Entry) => void;

  constructor(source: File | JobSummary, onChange: (entry: Entry) => void) {
    this.#onChange = onChange;
    if (source instanceof File) {
      this.file = source;
      this.name = source.name;
      this.bytes = source.size;
    } else {
      this.file = null;
      this.name = source.file.name;
      this.bytes = source.file.bytes;
      this.id = source.id;
      this.summary = source;
    }
  }

  get finding(): Finding | null {
    return this.summary?.finding ?? null;
  }

  /** Null while it is under way. */
  get outcome(): Outcome | null {
    if (this.refusal !== null) return "failed";
    return this.finding && (this.finding.verdict ?? "failed");
  }

  get isUploading(): boolean {
    return this.id === null && this.refusal === null;
  }

  /** What goes on, and the share of it that is done; null where nobody knows. */
  get progress(): { readonly phase: string; readonly share: number | null } {
    if (this.summary === null || this.finding !== null) return { phase: this.#phase, share: this.#share };
    const { state, ahead, progress } = this.summary;
    if (state === "queued") return { phase: waitingWords(ahead ?? 0), share: 0 };
    const { done, total } = progress;
    if (done === 0) return { phase: "Looking for faces", share: null };
    const phase = total === null ? `Frame ${done}` : `Frame ${Math.min(done, total)} of ${total}`;
    return { phase, share: total === null ? null : Math.min(1, done / total) };
  }

  /** Takes what the server says now. */
  update(summary: JobSummary): void {
    if (JSON.stringify(summary) === JSON.stringify(this.summary)) return;
    this.summary = summary;
    this.#onChange(this);
  }

  /** Sends the file; resolves when the server has it or has refused it. */
  async send(maxBytes: number): Promise<void> {
    const file = this.file!;
    try {
      if (file.size > maxBytes) {
        const sentence = `This file is too large: ${size(file.size)}, where ${size(maxBytes)} is the limit. Try a shorter or smaller copy.`;
        throw new Refusal("UPLOAD_TOO_LARGE", sentence);
      }
      const job = await this.#upload(file);
      this.id = job.id;
      this.summary = { ...job, finding: null };
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.refusal = refusalWords(error as Refusal);
    }
    this.#onChange(this);
  }

  /** Takes the file away: from the server too, with its result. */
  async remove(): Promise<void> {
    this.#stop.abort();
    if (this.id !== null) await wipe(this.id);
  }

  /** The server has forgotten the job before its end. */
  lose(): void {
    this.refusal = refusalWords({ code: "JOB_MISSING", message: "" });
    this.#onChange(this);
  }

  /** Sends until the server has room. */
  async #upload(file: File): Promise<JobView> {
    for (;;) {
      try {
        return await sendFile(file, {
          signal: this.#stop.signal,
          onProgress: (share) => this.#say(`Uploading, ${Math.round(100 * share)}%`, share),
        });
      } catch (error) {
        const { retryAfterSec } = error as Refusal;
        if (retryAfterSec === null) throw error;
        this.#say("Waiting for room on the server", null);
        await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(retryAfterSec, 5)));
        if (this.#stop.signal.aborted) throw new Refusal("JOB_CANCELLED", "Cancelled.");
      }
    }
  }

  #say(phase: string, share: number | null): void {
    this.#phase = phase;
    this.#share = share;
    this.#onChange(this);
  }
}

function waitingWords(ahead: number): string {
  if (ahead === 0) return "Next in line";
  return ahead === 1 ? "1 file is before it" : `${ahead} files are before it`;
}
