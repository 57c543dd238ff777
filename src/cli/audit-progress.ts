import type { AuditProgress } from "../audit/progress.ts";
import { formatBytes } from "../report/format-bytes.ts";
import { formatClock } from "../report/sentences.ts";
import { say } from "./failure.ts";

/** Shows how far an audit has come. */
export interface AuditProgressView {
  readonly update: (progress: AuditProgress) => void;
  /** A line on stderr that leaves the bar whole. */
  readonly say: (sentence: string) => void;
  readonly stop: () => void;
}

/** Where stderr is no terminal, a line this often. */
const LINE_MS = 60_000;

/** A bar on stderr when that is a terminal, a line a minute otherwise; silent where it is not wanted. */
export async function startAuditProgress(isWanted: boolean): Promise<AuditProgressView> {
  if (!isWanted) return { update() {}, say, stop() {} };
  return process.stderr.isTTY ? startBar() : startLines();
}

async function startBar(): Promise<AuditProgressView> {
  const { default: progress } = await import("cli-progress");
  const bar = new progress.SingleBar(
    {
      format: "{bar} {text}",
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 20,
    },
    progress.Presets.shades_classic,
  );
  bar.start(1, 0, { text: "starting" });
  return {
    update(now) {
      bar.setTotal(Math.max(1, now.bytesTotal ?? 1));
      bar.update(now.bytesTotal === null ? 0 : now.bytesDone, { text: describe(now) });
    },
    say(sentence) {
      process.stderr.write("\r\u001b[K");
      say(sentence);
    },
    stop() {
      bar.stop();
    },
  };
}

function startLines(): AuditProgressView {
  let saidMs = Date.now();
  return {
    update(now) {
      if (Date.now() - saidMs < LINE_MS) return;
      saidMs = Date.now();
      say(describe(now));
    },
    say,
    stop() {},
  };
}

/** e.g. `120/2084 files, 61.2 MB/1.2 GB, 12:20 of video, 14 to 18 min left`. */
function describe({
  filesDone,
  filesTotal,
  bytesDone,
  bytesTotal,
  mediaSec,
  secLeft,
}: AuditProgress): string {
  const parts = [
    `${filesDone}/${filesTotal ?? "?"} files`,
    `${formatBytes(bytesDone)}/${bytesTotal === null ? "?" : formatBytes(bytesTotal)}`,
    ...(mediaSec > 0 ? [`${formatClock(mediaSec)} of video`] : []),
  ];
  // Reckoned in bytes and in media time; the truth mostly lies between.
  const left = [secLeft.byBytes, secLeft.byMedia].filter((sec) => sec !== null);
  if (left.length > 0) {
    const [low, high] = [Math.min(...left), Math.max(...left)].map(roughly);
    parts.push(low === high ? `${low} left` : `${low} to ${high} left`);
  }
  return parts.join(", ");
}

function roughly(sec: number): string {
  if (sec < 90) return `${Math.ceil(sec)} s`;
  return sec < 5400 ? `${Math.ceil(sec / 60)} min` : `${(sec / 3600).toFixed(1)} h`;
}
