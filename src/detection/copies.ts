import { mapOrdered } from "../engine/map-ordered.ts";
import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { Frame, FrameStream, MediaInfo } from "../media/index.ts";
import { type FrameChange, withH264Copy } from "./changes.ts";
import type { Thresholds } from "./detection.ts";
import { type Judgement, judge } from "./verdict.ts";

/** One way to change a file before it is looked at: each frame by itself, or the whole file as H.264. */
export type CopyChange =
  | { readonly name: string; readonly frame: FrameChange }
  | { readonly name: string; readonly crf: number };

/** The judgement on one changed copy. */
export interface CopyJudgement {
  /** That of the change. */
  readonly name: string;
  /** Null when the copy could not be made or looked at. */
  readonly judgement: Judgement | null;
  /** Why not, one sentence; null when it could. */
  readonly error: string | null;
}

interface CopiesCall {
  readonly info: MediaInfo;
  readonly changes: readonly CopyChange[];
  readonly thresholds: Thresholds;
  readonly filter: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Frames under way at once. */
  readonly ahead: number;
  readonly decode: (info: MediaInfo, filter: string | undefined) => FrameStream;
  readonly observe: (frame: Frame, signal: AbortSignal) => Promise<FrameObservation>;
}

/**
 * Judges changed copies of one file, in the order of the changes.
 *
 * @throws TelltaleError when the file itself cannot be decoded, and `ABORTED`
 */
export async function judgeCopies(call: CopiesCall): Promise<CopyJudgement[]> {
  const { info, changes, filter, signal, decode } = call;
  const ofFrames = changes.filter((change) => "frame" in change);
  const byName = new Map<string, CopyJudgement>();
  if (ofFrames.length > 0) {
    for (const result of await judgeFrames(call, ofFrames)) byName.set(result.name, result);
  }
  for (const change of changes) {
    if (!("crf" in change)) continue;
    const { name, crf } = change;
    try {
      const judged = await withH264Copy(info, { crf, filter, signal }, async (copy) => {
        const frames: FrameObservation[] = [];
        for await (const frame of mapOrdered(decode(copy, undefined), call.ahead, call.observe, signal)) {
          frames.push(frame);
        }
        // A still image as H.264 stays a picture: one frame decides.
        return judgementOn(name, frames, { ...call, info: info.kind === "image" ? info : copy });
      });
      byName.set(name, judged);
    } catch (error) {
      if (signal?.aborted) throw error;
      byName.set(name, failure(name, error));
    }
  }
  return changes.map(({ name }) => byName.get(name)!);
}

/** One pass over the decoded frames for all changes. */
async function judgeFrames(
  call: CopiesCall,
  changes: readonly { readonly name: string; readonly frame: FrameChange }[],
): Promise<CopyJudgement[]> {
  const observations = changes.map((): FrameObservation[] => []);
  const failures = new Map<string, unknown>();
  const stream = call.decode(call.info, call.filter);
  const observeAll = (frame: Frame, signal: AbortSignal) =>
    Promise.all(
      changes.map(async ({ name, frame: change }) => {
        try {
          return await call.observe(await change(frame), signal);
        } catch (error) {
          failures.set(name, error);
          return null;
        }
      }),
    );
  const perFrame = mapOrdered(stream, call.ahead, observeAll, call.signal);
  for await (const row of perFrame) {
    row.forEach((observation, i) => {
      if (observation !== null) observations[i]!.push(observation);
    });
    if (call.signal?.aborted) throw call.signal.reason;
  }
  return changes.map(({ name }, i) =>
    failures.has(name) ? failure(name, failures.get(name)) : judgementOn(name, observations[i]!, call),
  );
}

function judgementOn(
  name: string,
  frames: readonly FrameObservation[],
  { info, thresholds }: Pick<CopiesCall, "info" | "thresholds">,
): CopyJudgement {
  const judgement = judge({ info, frames, tracks: linkTracks(frames), thresholds });
  return { name, judgement, error: null };
}

function failure(name: string, error: unknown): CopyJudgement {
  return { name, judgement: null, error: error instanceof Error ? error.message : String(error) };
}
