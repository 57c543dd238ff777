import { type DecodeEnd, decode, type TimedPicture } from "./decode.ts";
import { decodeForward } from "./decode-forward.ts";
import { type DecodeJob, damageWarning, defaultMaxSidePx, defaultTimeoutMs } from "./decode-job.ts";
import { filterGraph } from "./filter-graph.ts";
import { toleranceSec, wantedSec } from "./sampling.ts";
import type { MediaInfo } from "./types.ts";

/** Two processes use the idle time of starting and reading; more would take more memory. */
const parallelSeeks = 2;

interface Sought {
  readonly picture: TimedPicture | null;
  readonly end: DecodeEnd;
}

/** Seeks to every wanted frame with one short ffmpeg process each. Errors as {@link decode}. */
export async function* decodeSeeking(job: DecodeJob): AsyncGenerator<TimedPicture> {
  const { info, plan, stats, options } = job;
  const count = plan.count ?? 0;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const pending: Promise<Sought>[] = [];
  let started = 0;
  let lastSec = Number.NEGATIVE_INFINITY;
  let firstError: string | null = null;
  try {
    for (let i = 0; i < count; i++) {
      while (started < Math.min(count, i + parallelSeeks)) {
        const next = seek(job, { timeSec: wantedSec(plan, started++), signal });
        next.catch(() => {});
        pending.push(next);
      }
      const { picture, end } = await (pending.shift() as Promise<Sought>);
      if (!picture && i === 0) {
        // The index is broken; the file may still be decodable from its start.
        stop.abort();
        yield* decodeForward(job);
        return;
      }
      const error = end.firstError ?? (end.succeeded ? null : "it failed without a reason");
      if (picture && picture.timeSec > lastSec) {
        lastSec = picture.timeSec;
        yield picture;
      } else if (!picture && (error !== null || !mayHoldLastFrame(info))) {
        stats.framesFailed++;
        firstError ??= error ?? "end of file";
      }
      firstError ??= error;
    }
    if (firstError !== null) {
      const failed = stats.framesFailed;
      stats.warnings.push(damageWarning({ path: info.path, failed, wanted: count, error: firstError }));
    }
  } finally {
    stop.abort();
    await Promise.allSettled(pending);
  }
}

// With a variable frame rate the last frame may be shown for minutes, so a missing later frame is no error.
function mayHoldLastFrame(info: MediaInfo): boolean {
  return info.isVariableFrameRate && !info.video?.isCutShort;
}

async function seek(job: DecodeJob, target: { timeSec: number; signal: AbortSignal }): Promise<Sought> {
  const { info, options, location } = job;
  const run = decode({
    info,
    location,
    filter: filterGraph(info, {
      select: null,
      filter: options.filter,
      maxSidePx: options.maxSidePx ?? defaultMaxSidePx,
      hasZscale: location.hasZscale,
      hasFixedSize: !location.hasAutoscale,
    }),
    seekSec: Math.max(0, target.timeSec - toleranceSec),
    maxFrames: 1,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: target.signal,
  });
  let picture: TimedPicture | null = null;
  for (;;) {
    const step = await run.next();
    if (step.done) return { picture, end: step.value };
    picture ??= step.value;
  }
}
