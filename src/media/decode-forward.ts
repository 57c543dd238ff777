import { decode, type TimedPicture } from "./decode.ts";
import { type DecodeJob, damageWarning, defaultMaxSidePx, defaultTimeoutMs } from "./decode-job.ts";
import { filterGraph } from "./filter-graph.ts";
import { answeredCount, selectExpression } from "./sampling.ts";
import { StderrReport } from "./stderr-report.ts";

/** Decodes the file once from its start and selects the wanted frames. Errors as {@link decode}. */
export async function* decodeForward(job: DecodeJob): AsyncGenerator<TimedPicture> {
  const { info, options, plan, location } = job;
  const report = new StderrReport();
  const run = decode({
    info,
    location,
    filter: filterGraph(info, {
      select: selectExpression(plan),
      filter: options.filter,
      maxSidePx: options.maxSidePx ?? defaultMaxSidePx,
      hasZscale: location.hasZscale,
      hasFixedSize: !location.hasAutoscale,
    }),
    seekSec: null,
    maxFrames: null,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: options.signal,
    report,
  });
  let answered = 0;
  let lastSec: number | null = null;
  let failure: string | null = null;
  try {
    while (plan.count === null || answered < plan.count) {
      const step = await run.next();
      if (step.done) {
        if (!step.value.succeeded) failure = "it failed without a reason";
        break;
      }
      lastSec = Math.max(lastSec ?? 0, step.value.timeSec);
      const reached = answeredCount(plan, step.value.timeSec);
      if (reached <= answered) continue;
      answered = reached;
      yield step.value;
    }
  } finally {
    await run.return(undefined as never);
  }
  recordEnd(job, { answered, lastSec: lastSec ?? 0, error: report.firstError ?? failure });
}

function recordEnd(
  { info, plan, stats }: DecodeJob,
  end: { answered: number; lastSec: number; error: string | null },
): void {
  const missing = plan.count === null ? 0 : Math.max(0, plan.count - end.answered);
  const cut = missing > 0 && info.video?.isCutShort ? "end of file" : null;
  const error = end.error ?? cut;
  const missedSec = (info.video?.lastSec ?? 0) - end.lastSec;
  const isEarly = missing > 0 && missedSec > Math.max(1, 2 * plan.stepSec);
  if (isEarly) stats.notAnalyzed.push({ what: "end-of-video", count: 1, seconds: missedSec });
  if (error !== null) {
    stats.framesFailed += missing;
    stats.warnings.push(damageWarning({ path: info.path, failed: missing, wanted: plan.count, error }));
  } else if (isEarly) {
    stats.framesFailed += missing;
    stats.warnings.push(`The last ${missedSec.toFixed(1)} s of ${info.path} could not be decoded.`);
  }
}
