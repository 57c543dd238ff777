import { mapOrdered } from "../engine/map-ordered.ts";
import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { Frame, FrameStream, MediaInfo } from "../media/index.ts";
import type { Thresholds } from "../types/detection.ts";
import { type FramePerturbation, withH264Copy } from "./perturbations.ts";
import { type Decision, decide } from "./verdict.ts";

/** A perturbation of a file: of each frame, or the whole file as H.264. */
export type Perturbation =
  | { readonly name: string; readonly frame: FramePerturbation }
  | { readonly name: string; readonly crf: number };

/** The decision on the perturbed file. */
export interface PerturbationResult {
  /** Name of the perturbation. */
  readonly name: string;
  /** Null if the perturbed file could not be made or analyzed. */
  readonly decision: Decision | null;
  /** Error message; null if there is a decision. */
  readonly error: string | null;
}

interface PerturbationCall {
  readonly info: MediaInfo;
  readonly perturbations: readonly Perturbation[];
  readonly thresholds: Thresholds;
  readonly filter: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Number of frames that are scored concurrently. */
  readonly concurrency: number;
  readonly decode: (info: MediaInfo, filter: string | undefined) => FrameStream;
  readonly observe: (frame: Frame, signal: AbortSignal) => Promise<FrameObservation>;
}

/**
 * Scores perturbed versions of one file, in the order of the perturbations.
 *
 * @throws TelltaleError if the file itself cannot be decoded, and `ABORTED`
 */
export async function scorePerturbed(call: PerturbationCall): Promise<PerturbationResult[]> {
  const { info, perturbations, filter, signal, decode } = call;
  const ofFrames = perturbations.filter((perturbation) => "frame" in perturbation);
  const byName = new Map<string, PerturbationResult>();
  if (ofFrames.length > 0) {
    for (const result of await scorePerturbedFrames(call, ofFrames)) byName.set(result.name, result);
  }
  for (const perturbation of perturbations) {
    if (!("crf" in perturbation)) continue;
    const { name, crf } = perturbation;
    try {
      const result = await withH264Copy(info, { crf, filter, signal }, async (copy) => {
        const frames: FrameObservation[] = [];
        const stream = decode(copy, undefined);
        for await (const frame of mapOrdered(stream, call.concurrency, call.observe, signal)) {
          frames.push(frame);
        }
        // A picture stays a picture, where one frame decides.
        return resultOf(name, frames, { ...call, info: info.kind === "image" ? info : copy });
      });
      byName.set(name, result);
    } catch (error) {
      if (signal?.aborted) throw error;
      byName.set(name, failure(name, error));
    }
  }
  return perturbations.map(({ name }) => byName.get(name)!);
}

/** Decodes the frames once for all perturbations. */
async function scorePerturbedFrames(
  call: PerturbationCall,
  perturbations: readonly { readonly name: string; readonly frame: FramePerturbation }[],
): Promise<PerturbationResult[]> {
  const observations = perturbations.map((): FrameObservation[] => []);
  const failures = new Map<string, unknown>();
  const stream = call.decode(call.info, call.filter);
  const observeAll = (frame: Frame, signal: AbortSignal) =>
    Promise.all(
      perturbations.map(async ({ name, frame: perturb }) => {
        try {
          return await call.observe(await perturb(frame), signal);
        } catch (error) {
          failures.set(name, error);
          return null;
        }
      }),
    );
  const perFrame = mapOrdered(stream, call.concurrency, observeAll, call.signal);
  for await (const row of perFrame) {
    row.forEach((observation, i) => {
      if (observation !== null) observations[i]!.push(observation);
    });
    if (call.signal?.aborted) throw call.signal.reason;
  }
  return perturbations.map(({ name }, i) =>
    failures.has(name) ? failure(name, failures.get(name)) : resultOf(name, observations[i]!, call),
  );
}

function resultOf(
  name: string,
  frames: readonly FrameObservation[],
  { info, thresholds }: Pick<PerturbationCall, "info" | "thresholds">,
): PerturbationResult {
  const decision = decide({ info, frames, tracks: linkTracks(frames), thresholds });
  return { name, decision, error: null };
}

function failure(name: string, error: unknown): PerturbationResult {
  return { name, decision: null, error: error instanceof Error ? error.message : String(error) };
}
