import { mapOrdered } from "../engine/map-ordered.ts";
import { engineVersion } from "../engine/version.ts";
import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import { allFrames } from "../media/all-frames.ts";
import { type Fingerprint, fingerprint } from "../media/fingerprint.ts";
import { frames } from "../media/frames.ts";
import { locateFfmpeg } from "../media/locate-ffmpeg.ts";
import { probe } from "../media/probe.ts";
import type { Frame, FrameStream, MediaInfo } from "../media/types.ts";
import type { ModelManifest } from "../networks/manifest.ts";
import { defaultModelDir } from "../networks/read-manifest.ts";
import {
  type DetectOptions,
  detectOptionsSchema,
  type ResolvedDetectOptions,
  resolveSampling,
} from "../options/detect-options.ts";
import { parseOptions } from "../options/parse-options.ts";
import { type Provenance, ProvenanceReader, readProvenance, readTrustAnchors } from "../provenance/index.ts";
import type { Detection, Stability, Thresholds } from "../types/detection.ts";
import { compressionWarnings } from "./compression.ts";
import { coverageWarnings, ofPart, skippedFaces } from "./coverage.ts";
import { aborted, type DetectCall, type FrameProgress, withSignal } from "./detect-call.ts";
import { EvidenceBuffer } from "./evidence-buffer.ts";
import { FrameScorer, type ScoredObservation } from "./frame-scorer.ts";
import { describeFrames } from "./frames.ts";
import type { Perturbation, PerturbationResult } from "./score-perturbed.ts";
import type { StabilityCall } from "./stability.ts";
import { removeStaleCopies } from "./stale-copies.ts";
import { decide, decideParts, withCoverage, withProvenance, withStability } from "./verdict.ts";

/** A loaded model. Analyzes any number of files, also concurrently. */
export class Detector {
  readonly #scorer: FrameScorer;
  /** Null if provenance is not read. */
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
   * Loads the model and starts the first worker thread, in about a second.
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
    await removeStaleCopies();
    const scorer = await FrameScorer.open({
      modelDir: model,
      backend,
      ...(workers === undefined ? {} : { workers }),
    });
    const resolved = { model, backend, workers: scorer.workers, stability, provenance };
    return new Detector(scorer, reader, { ...resolveSampling(sampling), ...resolved });
  }

  get manifest(): ModelManifest {
    return this.#scorer.manifest;
  }

  /** The model's thresholds for videos or pictures. */
  thresholdsFor(kind: MediaInfo["kind"]): Thresholds {
    return this.manifest.thresholds[kind];
  }

  /** Milliseconds of all worker threads so far: finding faces, and cropping and scoring them. */
  get spentMs(): { readonly find: number; readonly score: number } {
    return this.#scorer.spentMs;
  }

  /** The backend in use, and why faster ones were not used. */
  get backend(): Detection["backend"] {
    return this.#scorer.backend;
  }

  /**
   * Analyzes a file: frames -> faces -> scores -> verdict.
   *
   * Decoding and scoring overlap. Memory does not grow with the file, since one frame per worker and one more are
   * decoded ahead. A truncated file gets a verdict from its decodable frames, with a warning.
   *
   * @throws TelltaleError `FILE_MISSING`, `FILE_EMPTY`, `FILE_UNREADABLE`, `IS_DIRECTORY`, `NOT_MEDIA`, `NO_VIDEO`,
   *   `UNSUPPORTED_CONTAINER`, `MEDIA_TOO_LARGE`, `DECODE_FAILED`, `DECODE_TIMEOUT`, `FFMPEG_MISSING`,
   *   `WORKER_FAILED`, `ABORTED`
   */
  async detect(path: string, call: DetectCall = {}): Promise<Detection> {
    try {
      return await this.#detect(path, call);
    } catch (error) {
      // Ctrl-C also kills ffmpeg, which then reports an error of its own.
      if (call.signal?.aborted) throw aborted(error);
      throw error;
    }
  }

  /**
   * Yields the scored frames of a file in order, without a verdict. Leaving the loop stops decoding.
   *
   * Yields `{ frame, done, total }`: `done` counts frames from 1, `total` is null if unknown. `frame` has `index`,
   * `timeSec`, `width` and `height` in pixels, `faces` and `error` (null if it was scored). A face has its box in pixels
   * and its authenticity in [0, 1], null if it was not scored.
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
    // Stops hashing and reading of provenance if decoding fails.
    const stop = new AbortController();
    const background = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const identity = fingerprint(path, { signal: background });
    const provenance = this.#provenance && readProvenance(info, this.#provenance, background);
    identity.catch(() => {});
    provenance?.catch(() => {});
    try {
      return await this.#scoreAndDecide(path, call, { info, stream, identity, provenance });
    } finally {
      stop.abort();
    }
  }

  async #scoreAndDecide(
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
      identity: Promise<Fingerprint>;
      provenance: Promise<Provenance> | null;
    },
  ): Promise<Detection> {
    const buffer = hasEvidence ? new EvidenceBuffer() : null;
    const observations: FrameObservation[] = [];
    for await (const { observation, evidence } of this.#score(stream, signal, buffer)) {
      observations.push(observation);
      if (evidence) buffer?.add(evidence);
      onFrame?.({ done: observations.length, total: stream.framesExpected, frame: observation });
    }
    const tracks = linkTracks(observations);
    const { manifest, backend } = this.#scorer;
    const notAnalyzed = [...stream.notAnalyzed, ...skippedFaces(observations)];
    const parts = [info, ...(info.others ?? [])];
    const decisions = parts.map((part, i) =>
      decide({
        info: part,
        ...ofPart(i, { frames: observations, tracks }),
        thresholds: this.thresholdsFor(part.kind),
      }),
    );
    const { part: _part, ...decision } = withCoverage(decideParts(decisions), notAnalyzed);
    // Degraded copies are made of the main part only.
    const main = { decision: decisions[0]!, thresholds: this.thresholdsFor(info.kind) };
    const stability = await this.#measureStability({ info, ...main, signal }, filter);
    const pixels = stability ? withStability(decision, stability) : decision;
    const declared = await provenance;
    return {
      model: describeModel(manifest),
      backend: { name: backend.name, detail: backend.detail, passedOver: backend.passedOver },
      software: await softwareVersions(),
      options: this.options,
      file: describeFile(path, info, await identity),
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
      ...(buffer ? { evidence: buffer.frames } : {}),
    };
  }

  async #measureStability(
    call: Pick<StabilityCall, "info" | "decision" | "thresholds" | "signal">,
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
   * Decides on perturbed versions of a file. The file is decoded once for all perturbations of frames, and encoded once
   * for each H.264 perturbation.
   *
   * @throws TelltaleError as {@link Detector.detect} for the file itself; a failed perturbation has its error
   */
  async scorePerturbed(
    path: string,
    perturbations: readonly Perturbation[],
    { signal, filter }: Pick<DetectCall, "signal" | "filter"> = {},
  ): Promise<PerturbationResult[]> {
    const info = await probe(path, withSignal(signal));
    const { scorePerturbed } = await import("./score-perturbed.ts");
    return scorePerturbed({
      info,
      perturbations,
      ...{ filter, signal, concurrency: this.options.workers + 1 },
      thresholds: this.thresholdsFor(info.kind),
      decode: (copy, copyFilter) => this.#decode(copy, { signal, filter: copyFilter }),
      observe: async (frame, signal) => (await this.#scorer.score(frame, { signal })).observation,
    });
  }

  #decode(
    info: MediaInfo,
    { signal, filter }: Pick<DetectCall, "signal" | "filter">,
    read: typeof frames = frames,
  ): FrameStream {
    const { frames: count, fps } = this.options;
    const sampling = fps === null ? { frames: count! } : { fps };
    return read(info, { ...sampling, ...(filter === undefined ? {} : { filter }), ...withSignal(signal) });
  }

  #score(
    stream: AsyncIterable<Frame>,
    signal: AbortSignal | undefined,
    buffer: EvidenceBuffer | null = null,
  ): AsyncGenerator<ScoredObservation> {
    const score = (frame: Frame, signal: AbortSignal) =>
      this.#scorer.score(frame, { hasEvidence: buffer?.wants(frame.index) ?? false, signal });
    return mapOrdered(stream, this.#scorer.workers + 1, score, signal);
  }

  /** Ends the worker threads. Running detections reject. */
  async close(): Promise<void> {
    await Promise.all([this.#scorer.close(), this.#provenance?.close()]);
  }
}

function describeModel({
  name,
  version,
  weights,
  limitations,
  minFacePx,
}: ModelManifest): Detection["model"] {
  return { name, version, sha256: weights.sha256, misses: limitations, minFacePx };
}

function describeFile(
  path: string,
  { kind, durationSec, width, height, fps }: MediaInfo,
  { sha256, bytes }: Fingerprint,
): Detection["file"] {
  return { path, sha256, bytes, kind, durationSec, width, height, fps };
}

async function softwareVersions(): Promise<NonNullable<Detection["software"]>> {
  const ffmpeg = await locateFfmpeg().then(
    ({ version }) => version,
    () => null,
  );
  return { ffmpeg, engine: `TensorFlow.js ${engineVersion()}` };
}
