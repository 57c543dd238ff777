import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Job } from "./job.ts";
import type { JobQueue } from "./job-queue.ts";
import type { ResultStore } from "./result-store.ts";

/** From a picture to a long video on a busy machine. Seconds. */
const buckets = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** What Prometheus reads: counts and durations, nothing of any file. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #jobs: Counter<"outcome">;
  readonly #refused: Counter<"code">;
  readonly #uploadedBytes: Counter;
  readonly #seconds: Histogram;

  constructor({ queue, store }: { readonly queue: JobQueue; readonly store: ResultStore }) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#jobs = new Counter({
      name: "telltale_jobs_total",
      help: "Files that were judged, by verdict, or by the code of what they failed with.",
      labelNames: ["outcome"],
      registers,
    });
    this.#refused = new Counter({
      name: "telltale_requests_refused_total",
      help: "Requests that were refused, by code.",
      labelNames: ["code"],
      registers,
    });
    this.#uploadedBytes = new Counter({
      name: "telltale_uploaded_bytes_total",
      help: "Bytes of the files that were taken.",
      registers,
    });
    this.#seconds = new Histogram({
      name: "telltale_job_seconds",
      help: "From the end of an upload to its report, waiting included.",
      buckets,
      registers,
    });
    new Gauge({
      name: "telltale_queue",
      help: "Files on their way: uploading, waiting, running.",
      labelNames: ["state"],
      registers,
      collect() {
        for (const [state, count] of Object.entries(queue.counts)) this.set({ state }, count);
      },
    });
    new Gauge({
      name: "telltale_results_bytes",
      help: "What the kept results take, about.",
      registers,
      collect() {
        this.set(store.bytes);
      },
    });
  }

  countJob({ result, createdMs, upload }: Job): void {
    const { report } = result!;
    this.#jobs.inc({ outcome: "error" in report ? report.error.code : report.verdict });
    this.#uploadedBytes.inc(upload.bytes);
    this.#seconds.observe((Date.now() - createdMs) / 1000);
  }

  countRefusal(code: string): void {
    this.#refused.inc({ code });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text that Prometheus reads. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }
}
