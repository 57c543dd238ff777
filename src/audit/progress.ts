import { isVideoPath } from "../files/media-extensions.ts";
import type { AuditEntry } from "../types/audit.ts";
import type { Audited } from "./file-auditor.ts";
import type { FoundFile, WalkItem } from "./walk.ts";

/** Progress of an audit. */
export interface AuditProgress {
  /** Recorded files, including those of earlier runs. */
  readonly filesDone: number;
  /** Null until the folder is counted. */
  readonly filesTotal: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  /** Seconds of recorded video. */
  readonly mediaSec: number;
  /** Estimated from the size of the remaining videos; null until the folder is counted. */
  readonly mediaSecTotal: number | null;
  readonly elapsedSec: number;
  /** Estimated seconds left, from the speed in bytes and in seconds of video; null until a file is analyzed. */
  readonly secLeft: { readonly byBytes: number | null; readonly byMedia: number | null };
  /** Files in progress, with frames done and in total. */
  readonly underWay: readonly {
    readonly path: string;
    readonly done: number;
    readonly total: number | null;
  }[];
}

interface Amount {
  files: number;
  bytes: number;
  videoBytes: number;
  /** Files that are not videos. */
  stills: number;
}

const none = (): Amount => ({ files: 0, bytes: 0, videoBytes: 0, stills: 0 });

/** Counts files and estimates the time left. */
export class ProgressCounter {
  readonly #startedMs = performance.now();
  readonly #startedAt = Date.now();
  /** Start of the first analysis in this run. */
  #analyzingMs: number | null = null;
  readonly #underWay = new Map<string, { done: number; total: number | null }>();
  /** Recorded files, each counted once even with `watch`. */
  readonly #done = { ...none(), mediaSec: 0 };
  /** Recorded by this run. */
  readonly #added = none();
  /** Analyzed in this run, with the sum of the durations of the analyses. */
  readonly #analyzed = { ...none(), mediaSec: 0, videoSec: 0, stillSec: 0 };
  #total: Amount | null = null;
  /** Recorded before this run. */
  readonly #earlier = none();
  #isFirstRound = true;

  /**
   * Counts a folder while the audit runs.
   *
   * @param recordOf the entry of a file that need not be analyzed again; otherwise null
   */
  async count(
    items: AsyncIterable<WalkItem>,
    recordOf: (file: FoundFile) => Promise<AuditEntry | null>,
    signal: AbortSignal,
  ): Promise<void> {
    const total = none();
    for await (const item of items) {
      signal.throwIfAborted();
      const isVideo = hasVideoExtension(item);
      add(total, item, isVideo);
      const entry = "errorCode" in item ? null : await recordOf(item);
      if (entry !== null && Date.parse(entry.at) < this.#startedAt) add(this.#earlier, item, isVideo);
    }
    this.#total = total;
  }

  onFrames(path: string, done: number, total: number | null): void {
    this.#analyzingMs ??= performance.now();
    this.#underWay.set(path, { done, total });
  }

  /** @param audited null if the file has vanished */
  onFileEnd(item: WalkItem, audited: Audited | null): void {
    this.#underWay.delete(item.name.text);
    const entry = audited?.entry;
    const isVideo = hasVideoExtension(item);
    // With `watch` every round sees every file again.
    if (this.#isFirstRound || audited?.isFirst) {
      add(this.#done, item, isVideo);
      this.#done.mediaSec += entry?.durationSec ?? 0;
    }
    if (audited?.isNew === false) return;
    add(this.#added, item, isVideo);
    if (entry === undefined || entry.duplicateOf !== null) return;
    this.#analyzingMs ??= performance.now() - 1000 * entry.tookSec;
    add(this.#analyzed, item, isVideo);
    this.#analyzed.mediaSec += entry.durationSec ?? 0;
    this.#analyzed[isVideo ? "videoSec" : "stillSec"] += entry.tookSec;
  }

  /** To be called at the end of a walk. */
  onRoundEnd(): void {
    this.#isFirstRound = false;
  }

  get now(): AuditProgress {
    const [done, total] = [this.#done, this.#total];
    const left = total && this.#left(total);
    return {
      filesDone: done.files,
      filesTotal: total && Math.max(done.files + this.#underWay.size, total.files),
      bytesDone: done.bytes,
      bytesTotal: total && Math.max(done.bytes, total.bytes),
      mediaSec: done.mediaSec,
      mediaSecTotal: left && done.mediaSec + left.mediaSec,
      elapsedSec: (performance.now() - this.#startedMs) / 1000,
      secLeft: left === null ? { byBytes: null, byMedia: null } : this.#secLeft(left),
      underWay: [...this.#underWay].map(([path, frames]) => ({ path, ...frames })),
    };
  }

  /** Amount that remains to be analyzed; recorded files take no time. */
  #left(total: Amount): Amount & { readonly mediaSec: number } {
    const left = (key: keyof Amount) => Math.max(0, total[key] - this.#earlier[key] - this.#added[key]);
    const { mediaSec, videoBytes } = this.#analyzed;
    const secPerByte = videoBytes === 0 ? 0 : mediaSec / videoBytes;
    const [files, bytes, stills] = [left("files"), left("bytes"), left("stills")];
    return {
      files,
      bytes,
      stills,
      videoBytes: left("videoBytes"),
      mediaSec: left("videoBytes") * secPerByte,
    };
  }

  #secLeft(left: Amount & { readonly mediaSec: number }): AuditProgress["secLeft"] {
    const analyzed = this.#analyzed;
    if (this.#analyzingMs === null || analyzed.files === 0) return { byBytes: null, byMedia: null };
    const analyzingSec = (performance.now() - this.#analyzingMs) / 1000;
    const byBytes = analyzed.bytes === 0 ? null : (left.bytes * analyzingSec) / analyzed.bytes;
    // Videos take time by duration, other files by number. Several run in parallel.
    const workedSec = analyzed.videoSec + analyzed.stillSec;
    const perMediaSec = analyzed.mediaSec === 0 ? 0 : analyzed.videoSec / analyzed.mediaSec;
    const perStill = analyzed.stills === 0 ? 0 : analyzed.stillSec / analyzed.stills;
    const work = left.mediaSec * perMediaSec + left.stills * perStill;
    return { byBytes, byMedia: workedSec === 0 ? null : (work * analyzingSec) / workedSec };
  }
}

function hasVideoExtension(item: WalkItem): boolean {
  return !("errorCode" in item) && isVideoPath(item.name.text);
}

function add(amount: Amount, item: WalkItem, isVideo: boolean): void {
  const bytes = "errorCode" in item ? 0 : item.bytes;
  amount.files++;
  amount.bytes += bytes;
  if (isVideo) amount.videoBytes += bytes;
  else amount.stills++;
}
