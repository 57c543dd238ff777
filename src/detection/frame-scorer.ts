import type { Backend, BackendRequest } from "../engine/index.ts";
import { hasNativePackage } from "../engine/native-binding.ts";
import { WorkerPool } from "../engine/worker-pool.ts";
import { TelltaleError } from "../errors.ts";
import type { FrameObservation } from "../faces/index.ts";
import type { Frame } from "../media/index.ts";
import type { ModelManifest } from "../networks/manifest.ts";
import { readManifest } from "../networks/read-manifest.ts";
import { readWeights } from "../networks/weights-file.ts";
import type { FrameEvidence } from "../types/pictures.ts";
import type { FrameJob, FrameWorkerData, FrameWorkerReady, ScoredFrame } from "./frame-worker.ts";
import { defaultParallelism } from "./parallelism.ts";
import { SharedSlots } from "./shared-slots.ts";

/** A scored frame. */
export interface ScoredObservation {
  readonly observation: FrameObservation;
  /** Null if it was not requested or the frame failed. */
  readonly evidence: FrameEvidence | null;
}

/** Approximate memory of a thread with model and frame. */
const THREAD_BYTES = 400 << 20;

/** Finds and scores faces in worker threads that share the weights. */
export class FrameScorer {
  readonly manifest: ModelManifest;
  readonly backend: Backend;
  /** Maximum number of threads; each scores one frame at a time. */
  readonly workers: number;
  /** Milliseconds of all threads so far: finding faces, and cropping and scoring them. */
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
   * Starts the first thread with backend and model. Others start on demand.
   *
   * @param options.workers maximum number of threads. Default: cores - 1, limited by free memory, because ffmpeg keeps
   *   one core busy (on two cores, a minute of 1080p takes 6.2 s with one worker and 6.7 s with two)
   * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`, `BACKEND_UNAVAILABLE`, `WORKER_FAILED`
   */
  static async open(options: {
    modelDir: string;
    backend: BackendRequest;
    workers?: number;
  }): Promise<FrameScorer> {
    // The native library reads the environment of the process, not of the thread, and would log to stderr.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
    // Read here, so that a missing model fails before a thread starts.
    const manifest = await readManifest(options.modelDir);
    const weights = await readWeights(options.modelDir, manifest);
    const workerData: FrameWorkerData = { manifest, weights, backend: options.backend };
    const { pool, ready } = await WorkerPool.start<FrameJob, ScoredFrame, FrameWorkerReady>({
      module: workerModule(options.backend),
      workerData,
      size: options.workers ?? defaultParallelism({ bytesEach: THREAD_BYTES, spareCores: 1 }),
    });
    return new FrameScorer(pool, manifest, ready.backend);
  }

  /**
   * Scores one frame. If it fails, the observation has the error.
   *
   * @param options.hasEvidence whether to return pictures and heat maps
   * @param options.signal stops the scoring
   * @throws TelltaleError `ABORTED`; `WORKER_FAILED` if two threads crashed on the frame or none can start
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
      const observation = { index, timeSec, width, height, faces, facesLeftOut, ...part, error: null };
      return { observation, evidence };
    } catch (error) {
      if (this.#pool.hasFailed || isThreadError(error)) throw error;
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
 * The thread's module: the bundle if run from `dist`, because it starts in half the time. Not with native TensorFlow,
 * whose own copies of the packages must not be loaded a second time.
 */
function workerModule(backend: BackendRequest): URL {
  if (import.meta.url.endsWith(".ts")) return new URL("./frame-worker.ts", import.meta.url);
  const mayBeNative = (backend === "auto" || backend === "tensorflow") && hasNativePackage();
  return new URL(mayBeNative ? "./frame-worker.js" : "./frame-worker.bundle.js", import.meta.url);
}

/** Whether scoring was stopped, as opposed to a frame that cannot be scored. */
function isThreadError(error: unknown): boolean {
  return error instanceof TelltaleError && (error.code === "ABORTED" || error.code === "WORKER_FAILED");
}
