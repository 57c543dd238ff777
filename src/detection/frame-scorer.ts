import type { Backend, BackendRequest } from "../engine/index.ts";
import { hasNativePackage } from "../engine/native-binding.ts";
import { WorkerPool } from "../engine/worker-pool.ts";
import { TelltaleError } from "../errors.ts";
import type { FrameObservation } from "../faces/index.ts";
import type { Frame } from "../media/index.ts";
import type { ModelManifest } from "../networks/manifest.ts";
import { readManifest } from "../networks/read-manifest.ts";
import { readWeights } from "../networks/weights-file.ts";
import { affordable } from "./affordable.ts";
import type { FrameEvidence } from "./evidence.ts";
import type { FrameJob, FrameWorkerData, FrameWorkerReady, ScoredFrame } from "./frame-worker.ts";
import { SharedSlots } from "./shared-slots.ts";

/** A frame that was scored, and what can be shown of it. */
export interface ScoredObservation {
  readonly observation: FrameObservation;
  /** Null where it was not asked for and where the frame failed. */
  readonly evidence: FrameEvidence | null;
}

/** What a thread takes with its model and one frame, about. */
const THREAD_BYTES = 400 << 20;

/** Finds and scores the faces of frames in worker threads, which share the weights that were read. */
export class FrameScorer {
  readonly manifest: ModelManifest;
  readonly backend: Backend;
  /** Worker threads at most: how many frames are scored at once. */
  readonly workers: number;
  /** Milliseconds spent so far, summed over the threads: finding faces, and cutting and scoring them. */
  readonly spentMs = { find: 0, score: 0 };
  readonly #pool: WorkerPool<FrameJob, ScoredFrame, FrameWorkerReady>;
  readonly #slots: SharedSlots;

  private constructor(
    pool: WorkerPool<FrameJob, ScoredFrame, FrameWorkerReady>,
    manifest: ModelManifest,
    backend: Backend,
  ) {
    this.manifest = manifest;
    this.backend = backend;
    this.workers = pool.size;
    this.#pool = pool;
    this.#slots = new SharedSlots(pool.size + 1);
  }

  /**
   * Starts the first thread, its backend and its model; others start when frames wait for them.
   *
   * @param options.workers threads at most. Default: one a core but one, which ffmpeg keeps busy, and no more than free
   *   memory holds; measured on two cores, where one worker judges a minute of 1080p in 6.2 s and two in 6.7 s
   * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`, `BACKEND_UNAVAILABLE`, `WORKER_FAILED`
   */
  static async open(options: {
    modelDir: string;
    backend: BackendRequest;
    workers?: number;
  }): Promise<FrameScorer> {
    // Set here, since a thread's environment does not reach the native library: it would log to stderr otherwise.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
    // A model that is not there is said before any thread and backend is started for it.
    const manifest = await readManifest(options.modelDir);
    const weights = await readWeights(options.modelDir, manifest);
    const workerData: FrameWorkerData = { manifest, weights, backend: options.backend };
    const { pool, ready } = await WorkerPool.start<FrameJob, ScoredFrame, FrameWorkerReady>({
      module: workerModule(options.backend),
      workerData,
      size: options.workers ?? affordable({ bytesEach: THREAD_BYTES, spareCores: 1 }),
    });
    return new FrameScorer(pool, manifest, ready.backend);
  }

  /**
   * Scores one frame; never rejects for a frame that fails, whose observation says why.
   *
   * @param options.hasEvidence whether pictures and heat maps come along
   * @param options.signal ends the scoring of the frame
   * @throws TelltaleError `ABORTED`; `WORKER_FAILED` when two threads died of the frame or none can start
   */
  async score(
    frame: Frame,
    { hasEvidence = false, signal }: { hasEvidence?: boolean; signal?: AbortSignal } = {},
  ): Promise<ScoredObservation> {
    const { index, timeSec, width, height } = frame;
    const part = frame.part === undefined ? {} : { part: frame.part };
    let slot: ReturnType<SharedSlots["fill"]> | null = null;
    try {
      slot = this.#slots.fill(frame.data);
      const job = { frame: { ...frame, data: slot.data }, hasEvidence };
      const { faces, facesLeftOut, evidence, findMs, scoreMs } = await this.#pool.run(job, signal);
      this.spentMs.find += findMs;
      this.spentMs.score += scoreMs;
      const seen = { index, timeSec, width, height, faces, facesLeftOut, ...part, error: null };
      return { observation: seen, evidence };
    } catch (error) {
      if (this.#pool.hasFailed || isOfThread(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const observation = { index, timeSec, width, height, faces: [], ...part, error: message };
      return { observation, evidence: null };
    } finally {
      slot?.release();
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/**
 * The thread's module: from `dist` the bundle, which starts in half the time. Native TensorFlow brings packages of its own, which
 * want to be the only ones of their kind.
 */
function workerModule(backend: BackendRequest): URL {
  if (import.meta.url.endsWith(".ts")) return new URL("./frame-worker.ts", import.meta.url);
  const mayBeNative = (backend === "auto" || backend === "tensorflow") && hasNativePackage();
  return new URL(mayBeNative ? "./frame-worker.js" : "./frame-worker.bundle.js", import.meta.url);
}

// Says that the frame was not scored, and not that it cannot be.
function isOfThread(error: unknown): boolean {
  return error instanceof TelltaleError && (error.code === "ABORTED" || error.code === "WORKER_FAILED");
}
