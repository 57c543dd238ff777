import { availableParallelism } from "node:os";
import { type Backend, type BackendRequest, WorkerPool } from "../engine/index.ts";
import type { FrameObservation } from "../faces/index.ts";
import type { Frame } from "../media/index.ts";
import type { ModelManifest } from "../networks/index.ts";
import type { FrameEvidence } from "./evidence.ts";
import type { FrameJob, FrameWorkerData, FrameWorkerReady, ScoredFrame } from "./frame-worker.ts";

/** A frame that was scored, and what can be shown of it. */
export interface ScoredObservation {
  readonly observation: FrameObservation;
  /** Null where it was not asked for and where the frame failed. */
  readonly evidence: FrameEvidence | null;
}

/** Finds and scores the faces of frames in worker threads; one model in memory a thread. */
export class FrameScorer {
  readonly manifest: ModelManifest;
  readonly backend: Backend;
  /** Number of worker threads: how many frames are scored at once. */
  readonly workers: number;
  /** Milliseconds spent so far, summed over the threads: finding faces, and cutting and scoring them. */
  readonly spentMs = { find: 0, score: 0 };
  readonly #pool: WorkerPool<FrameJob, ScoredFrame, FrameWorkerReady>;

  private constructor(pool: WorkerPool<FrameJob, ScoredFrame, FrameWorkerReady>, ready: FrameWorkerReady) {
    this.manifest = ready.manifest;
    this.backend = ready.backend;
    this.workers = pool.size;
    this.#pool = pool;
  }

  /**
   * Starts the threads, the backend and the model.
   *
   * @param options.workers default: one a core but one, which ffmpeg keeps busy; measured on two cores, where one
   *   worker judges a minute of 1080p in 6.2 s and two in 6.7 s
   * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`, `BACKEND_UNAVAILABLE`, `WORKER_FAILED`
   */
  static async open(options: {
    modelDir: string;
    backend: BackendRequest;
    workers?: number;
  }): Promise<FrameScorer> {
    // Set here, since a thread's environment does not reach the native library: it would log to stderr otherwise.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const workerData: FrameWorkerData = { modelDir: options.modelDir, backend: options.backend };
    const { pool, ready } = await WorkerPool.start<FrameJob, ScoredFrame, FrameWorkerReady>({
      module: new URL(`./frame-worker.${extension}`, import.meta.url),
      workerData,
      size: options.workers ?? Math.max(1, availableParallelism() - 1),
    });
    return new FrameScorer(pool, ready);
  }

  /**
   * Scores one frame; never rejects for a frame that fails, whose observation says why.
   *
   * @param hasEvidence whether pictures and heat maps come along
   * @throws TelltaleError `ABORTED`, `WORKER_FAILED` when the threads are gone
   */
  async score(frame: Frame, hasEvidence = false): Promise<ScoredObservation> {
    const { index, timeSec, width, height } = frame;
    const part = frame.part === undefined ? {} : { part: frame.part };
    try {
      // The pixels move to the worker where they own their memory, and are copied where they share it.
      const isWhole = frame.data.byteLength === frame.data.buffer.byteLength;
      const { faces, facesLeftOut, evidence, findMs, scoreMs } = await this.#pool.run(
        { frame, hasEvidence },
        isWhole ? [frame.data.buffer as ArrayBuffer] : [],
      );
      this.spentMs.find += findMs;
      this.spentMs.score += scoreMs;
      const seen = { index, timeSec, width, height, faces, facesLeftOut, ...part, error: null };
      return { observation: seen, evidence };
    } catch (error) {
      if (this.#pool.hasFailed) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const observation = { index, timeSec, width, height, faces: [], ...part, error: message };
      return { observation, evidence: null };
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
