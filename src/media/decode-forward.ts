import { type DecodeEnd, decode, type TimedPicture } from "./decode.ts";
import { type DecodeJob, damageWarning, defaultMaxSidePx, defaultTimeoutMs } from "./decode-job.ts";
import { filterGraph } from "./filter-graph.ts";
import { answeredCount, selectExpression } from "./sampling.ts";

/** Decodes the file once from its start, letting only the wanted frames through. Errors as {@link decode}. */
export async function* decodeForward(job: DecodeJob): AsyncGenerator<TimedPicture> {
  const { info, options, plan, location } = job;
  const end = yield* decode({
    info,
    location,
    filter: filterGraph(info, {
      select: selectExpression(plan, info.video?.clockStartSec ?? 0),
      filter: options.filter,
      maxSidePx: options.maxSidePx ?? defaultMaxSidePx,
      hasZscale: location.hasZscale,
    }),
    seekSec: null,
    maxFrames: plan.count,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: options.signal,
  });
  recordEnd(job, end);
}

function recordEnd({ info, plan, durationSec, ledger }: DecodeJob, end: DecodeEnd): void {
  const answered = end.lastSec === null ? 0 : answeredCount(plan, end.lastSec);
  const missing = plan.count === null ? 0 : Math.max(0, plan.count - answered);
  const cut = missing > 0 && info.video?.isCutShort ? "end of file" : null;
  const error = end.firstError ?? (end.succeeded ? cut : "it failed without a reason");
  const untilSec = (info.video?.startSec ?? 0) + (durationSec ?? 0);
  const lastSec = end.lastSec ?? 0;
  if (error !== null) {
    ledger.framesFailed += missing;
    ledger.warnings.push(damageWarning({ path: info.path, failed: missing, wanted: plan.count, error }));
  } else if (missing > 1 && lastSec + Math.max(1, 2 * plan.stepSec) < untilSec) {
    const promised = `says it lasts ${untilSec.toFixed(1)} s`;
    ledger.warnings.push(`${info.path} ${promised} but its last frame is at ${lastSec.toFixed(1)} s.`);
  }
}
