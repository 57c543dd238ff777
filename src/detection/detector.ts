import { mapOrdered } from "../engine/map-ordered.ts";
import { engineVersion } from "../engine/version.ts";
import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import { allFrames } from "../media/all-frames.ts";
import { fingerprint } from "../media/fingerprint.ts";
import { frames } from "../media/frames.ts";
import { locateFfmpeg } from "../media/locate-ffmpeg.ts";
import { probe } from "../media/probe.ts";
import type { Frame, FrameStream, MediaInfo } from "../media/types.ts";
import type { ModelManifest } from "../networks/manifest.ts";
import { defaultModelDir } from "../networks/read-manifest.ts";
import { parseOptions } from "../options/parse-options.ts";
import { type Provenance, ProvenanceReader, readProvenance, readTrustAnchors } from "../provenance/index.ts";
import { compressionWarnings } from "./compression.ts";
import type { CopyChange, CopyJudgement } from "./copies.ts";
import { coverageWarnings, crowdBeyond, ofPart } from "./coverage.ts";
import { aborted, type DetectCall, type FrameProgress, withSignal } from "./detect-call.ts";
import type { Detection, Stability, Thresholds } from "./detection.ts";
import { EvidenceKeeper } from "./evidence.ts";
import { FrameScorer, type ScoredObservation } from "./frame-scorer.ts";
import { describeFrames } from "./frames.ts";
import { removeLeftCopies } from "./left-copies.ts";
import {
  type DetectOptions,
  detectOptionsSchema,
  type ResolvedDetectOptions,
  resolveSampling,
} from "./options.ts";
import type { StabilityCall } from "./stability.ts";
import { judge, judgeParts, withCoverage, withProvenance, withStability } from "./verdict.ts";

/** A model that is loaded and ready: scores any number of files, several at a time if need be. */
export class Detector {
  readonly #scorer: FrameScorer;
  /** Null where what files say of their origin is not read. */
  readonly #provenance: ProvenanceReader | null;
  readonly options: ResolvedDetectOptions;

  private constructor(
    scorer: FrameScorer,
    provenance: ProvenanceReader | null,
    options: ResolvedDetectOptions,
  ) {
    this.#scorer = scorer;
    this.#provenance = provenance;
    this.options = options;
  }

  /**
   * Loads the model and starts the first worker thread; about a second.
   *
   * @throws TelltaleError `USAGE`, `BACKEND_UNAVAILABLE`, `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`
   */
  static async open(options: DetectOptions = {}): Promise<Detector> {
    const {
      model = defaultModelDir,
      backend,
      workers,
      stability,
      provenance,
      trustAnchors,
      ...sampling
    } = parseOptions(detectOptionsSchema, options);
    const reader = provenance ? new ProvenanceReader(await readTrustAnchors(trustAnchors)) : null;
    await removeLeftCopies();
    const scorer = await FrameScorer.open({
      modelDir: model,
      backend,
      ...(workers === undefined ? {} : { workers }),
    });
    const choices = { model, backend, workers: scorer.workers, stability, provenance };
    return new Detector(scorer, reader, { ...resolveSampling(sampling), ...choices });
  }

  /** What the model says of itself. */
  get manifest(): ModelManifest {
    return this.#scorer.manifest;
  }

  /** Where the model draws its lines for files of a kind. */
  thresholdsFor(kind: MediaInfo["kind"]): Thresholds {
    return this.manifest.thresholds[kind];
  }

  /** Milliseconds of the worker threads, summed: finding faces, and cutting and scoring them. */
  get spentMs(): { readonly find: number; readonly score: number } {
    return this.#scorer.spentMs;
  }

  /** Which backend scores, and why faster ones were passed over. */
  get backend(): Detection["backend"] {
    return this.#scorer.backend;
  }

  /**
   * Media file -> frames -> faces -> scores -> verdict.
   *
   * Decoding and scoring overlap, with one frame per worker under way and one waiting: memory does not grow with
   * the file. A file that is cut short is judged by what could be decoded, with a warning.
   *
   * @throws TelltaleError `FILE_MISSING`, `FILE_EMPTY`, `FILE_UNREADABLE`, `IS_DIRECTORY`, `NOT_MEDIA`, `NO_VIDEO`,
   *   `UNSUPPORTED_CONTAINER`, `MEDIA_TOO_LARGE`, `DECODE_FAILED`, `DECODE_TIMEOUT`, `FFMPEG_MISSING`,
   *   `WORKER_FAILED`, `ABORTED`
   */
  async detect(path: string, call: DetectCall = {}): Promise<Detection> {
    try {
      return await this.#detect(path, call);
    } catch (error) {
      // A decoder that the same Ctrl-C killed fails in its own words.
      if (call.signal?.aborted) throw aborted(error);
      throw error;
    }
  }

  /**
   * The frames of a file as they are scored, in order, without a verdict; leaving the loop stops decoding.
   *
   * Each step yields `{ frame, done, total }`: `done` counts frames from 1, `total` is null where it is not known, and
   * `frame` has `index`, `timeSec`, `width` and `height` in pixels, `faces` and `error` (null for a frame that could be
   * scored). A face has its box in pixels and its authenticity in [0, 1], null where it was not scored.
   *
   * ```ts
   * for await (const { frame, done, total } of detector.frames("clip.mp4")) console.log(done, total, frame.faces);
   * ```
   *
   * @throws TelltaleError as {@link Detector.detect}
   */
  async *frames(
    path: string,
    call: Pick<DetectCall, "signal" | "filter"> = {},
  ): AsyncGenerator<FrameProgress> {
    const { signal, filter } = call;
    try {
      const info = await probe(path, withSignal(signal));
      const stream = this.#decode(info, { signal, filter }, allFrames);
      let done = 0;
      for await (const { observation } of this.#score(stream, signal)) {
        yield { done: ++done, total: stream.framesExpected, frame: observation };
      }
    } catch (error) {
      if (signal?.aborted) throw aborted(error);
      throw error;
    }
  }

  async #detect(path: string, call: DetectCall): Promise<Detection> {
    const { signal, onMedia, filter } = call;
    const info = await probe(path, withSignal(signal));
    onMedia?.(info);
    const stream = this.#decode(info, { signal, filter }, allFrames);
    // What fails before the end of the file is hashed stops that too.
    const stop = new AbortController();
    const whole = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const identity = fingerprint(path, { signal: whole });
    const provenance = this.#provenance && readProvenance(info, this.#provenance, whole);
    identity.catch(() => {});
    provenance?.catch(() => {});
    try {
      return await this.#judge(path, call, { info, stream, identity, provenance });
    } finally {
      stop.abort();
    }
  }

  async #judge(
    path: string,
    { signal, onFrame, filter, hasEvidence }: DetectCall,
    {
      info,
      stream,
      identity,
      provenance,
    }: {
      info: MediaInfo;
      stream: FrameStream;
      identity: ReturnType<typeof fingerprint>;
      provenance: Promise<Provenance> | null;
    },
  ): Promise<Detection> {
    const keeper = hasEvidence ? new EvidenceKeeper() : null;
    const observations: FrameObservation[] = [];
    for await (const { observation, evidence } of this.#score(stream, signal, keeper)) {
      observations.push(observation);
      if (evidence) keeper?.add(evidence);
      onFrame?.({ done: observations.length, total: stream.framesExpected, frame: observation });
    }
    const tracks = linkTracks(observations);
    const { manifest, backend } = this.#scorer;
    const notAnalyzed = [...stream.notAnalyzed, ...crowdBeyond(observations)];
    const parts = [info, ...(info.others ?? [])];
    const judgements = parts.map((part, i) =>
      judge({
        info: part,
        ...ofPart(i, { frames: observations, tracks }),
        thresholds: this.thresholdsFor(part.kind),
      }),
    );
    const { part: _part, ...judgement } = withCoverage(judgeParts(judgements), notAnalyzed);
    // Degraded copies are made of the main part.
    const tried = { judgement: judgements[0]!, thresholds: this.thresholdsFor(info.kind) };
    const stability = await this.#tryStability({ info, ...tried, signal }, filter);
    const { sha256, bytes } = await identity;
    const pixels = stability ? withStability(judgement, stability) : judgement;
    const declared = await provenance;
    return {
      model: {
        name: manifest.name,
        version: manifest.version,
        sha256: manifest.weights.sha256,
        misses: manifest.limitations,
        minFacePx: manifest.minFacePx,
      },
      backend: { name: backend.name, detail: backend.detail, passedOver: backend.passedOver },
      software: await softwareVersions(),
      options: this.options,
      file: {
        path,
        sha256,
        bytes,
        kind: info.kind,
        durationSec: info.durationSec,
        width: info.width,
        height: info.height,
        fps: info.fps,
      },
      ...withProvenance(pixels, declared),
      pixels: { verdict: pixels.verdict, reason: pixels.reason },
      provenance: declared,
      ...describeFrames(observations, tracks, stream.framesFailed, {
        notAnalyzed,
        parts: parts.flatMap(({ what }) => what ?? []),
      }),
      warnings: [
        ...new Set([
          ...info.warnings,
          ...parts.flatMap(compressionWarnings),
          ...stream.warnings,
          ...coverageWarnings(path, notAnalyzed),
        ]),
      ],
      stability,
      ...(keeper ? { evidence: keeper.kept } : {}),
    };
  }

  async #tryStability(
    call: Pick<StabilityCall, "info" | "judgement" | "thresholds" | "signal">,
    filter: string | undefined,
  ): Promise<Stability | null> {
    if (!this.options.stability) return null;
    const { measureStability } = await import("./stability.ts");
    return measureStability({
      ...call,
      observe: async (info, change) => {
        const observations: FrameObservation[] = [];
        const stream = mapOrdered(this.#decode(info, { signal: call.signal, filter }), 2, change);
        for await (const { observation } of this.#score(stream, call.signal)) observations.push(observation);
        return observations;
      },
    });
  }

  /**
   * The judgements on copies of a file, each changed in one way before it is looked at: how far a verdict holds. The
   * file is decoded once for all changes of frames, and encoded once for each H.264.
   *
   * @throws TelltaleError as {@link Detector.detect} for the file itself; a copy that fails has its error
   */
  async judgeCopies(
    path: string,
    changes: readonly CopyChange[],
    { signal, filter }: Pick<DetectCall, "signal" | "filter"> = {},
  ): Promise<CopyJudgement[]> {
    const info = await probe(path, withSignal(signal));
    const { judgeCopies } = await import("./copies.ts");
    return judgeCopies({
      info,
      changes,
      ...{ filter, signal, ahead: this.options.workers + 1 },
      thresholds: this.thresholdsFor(info.kind),
      decode: (copy, view) => this.#decode(copy, { signal, filter: view }),
      observe: async (frame, signal) => (await this.#scorer.score(frame, { signal })).observation,
    });
  }

  #decode(
    info: MediaInfo,
    { signal, filter }: Pick<DetectCall, "signal" | "filter">,
    read: typeof frames = frames,
  ): FrameStream {
    const view = filter === undefined ? {} : { filter };
    return read(info, { ...this.#samplingFor(), ...view, ...withSignal(signal) });
  }

  #score(
    stream: AsyncIterable<Frame>,
    signal: AbortSignal | undefined,
    keeper: EvidenceKeeper | null = null,
  ): AsyncGenerator<ScoredObservation> {
    const score = (frame: Frame, signal: AbortSignal) =>
      this.#scorer.score(frame, { hasEvidence: keeper?.wants(frame.index) ?? false, signal });
    return mapOrdered(stream, this.#scorer.workers + 1, score, signal);
  }

  #samplingFor(): { frames: number } | { fps: number } {
    const { frames, fps } = this.options;
    return fps === null ? { frames: frames! } : { fps };
  }

  /** Ends the worker threads; a detection under way rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#scorer.close(), this.#provenance?.close()]);
  }
}

async function softwareVersions(): Promise<NonNullable<Detection["software"]>> {
  const ffmpeg = await locateFfmpeg().then(
    ({ version }) => version,
    () => null,
  );
  return { ffmpeg, engine: `TensorFlow.js ${engineVersion()}` };
}
