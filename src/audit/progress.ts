import { isVideoPath } from "../files/media-endings.ts";
import type { AuditEntry } from "./entry.ts";
import type { Audited } from "./file-auditor.ts";
import type { Found, FoundFile } from "./walk.ts";

/** How far an audit has come. */
export interface AuditProgress {
  /** Files that are on record, those of earlier runs included. */
  readonly filesDone: number;
  /** Null until the folder has been counted. */
  readonly filesTotal: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  /** Seconds of video on record. */
  readonly mediaSec: number;
  /** Estimated from the bytes of the videos that are left; null until the folder has been counted. */
  readonly mediaSecTotal: number | null;
  readonly elapsedSec: number;
  /** Seconds left at the pace of this run, by bytes and by seconds of video; null until a file has been judged. */
  readonly secLeft: { readonly byBytes: number | null; readonly byMedia: number | null };
  /** Files that are being judged, and how far. */
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
  /** Files that are no video. */
  stills: number;
}

const none = (): Amount => ({ files: 0, bytes: 0, videoBytes: 0, stills: 0 });

/** Counts what an audit does, and estimates how long the rest takes. */
export class ProgressCounter {
  readonly #startedMs = performance.now();
  readonly #startedAt = Date.now();
  /** When the first file of this run was begun. */
  #judgingMs: number | null = null;
  readonly #underWay = new Map<string, { done: number; total: number | null }>();
  /** On record: each file once, however often the folder is walked. */
  readonly #done = { ...none(), mediaSec: 0 };
  /** Of those, what was added by this run. */
  readonly #added = none();
  /** Judged in this run, and the seconds of all processes that it took. */
  readonly #judged = { ...none(), mediaSec: 0, videoSec: 0, stillSec: 0 };
  #total: Amount | null = null;
  /** On record before this run. */
  readonly #earlier = none();
  #isFirstRound = true;

  /**
   * Counts a folder while the audit runs.
   *
   * @param recordOf what is on record of a file that need not be judged again; null where there is nothing
   */
  async count(
    found: AsyncIterable<Found>,
    recordOf: (file: FoundFile) => Promise<AuditEntry | null>,
    signal: AbortSignal,
  ): Promise<void> {
    const total = none();
    for await (const one of found) {
      signal.throwIfAborted();
      const isVideo = isNamedVideo(one);
      add(total, one, isVideo);
      const entry = "trouble" in one ? null : await recordOf(one);
      if (entry !== null && Date.parse(entry.at) < this.#startedAt) add(this.#earlier, one, isVideo);
    }
    this.#total = total;
  }

  frames(path: string, done: number, total: number | null): void {
    this.#judgingMs ??= performance.now();
    this.#underWay.set(path, { done, total });
  }

  /** @param audited null for a file that has vanished */
  ended(found: Found, audited: Audited | null): void {
    this.#underWay.delete(found.name.text);
    const entry = audited?.entry;
    const isVideo = isNamedVideo(found);
    // With --watch each round meets every file again.
    if (this.#isFirstRound || audited?.isFirst) {
      add(this.#done, found, isVideo);
      this.#done.mediaSec += entry?.durationSec ?? 0;
    }
    if (audited?.isNew === false) return;
    add(this.#added, found, isVideo);
    if (entry === undefined || entry.duplicateOf !== null) return;
    this.#judgingMs ??= performance.now() - 1000 * entry.tookSec;
    add(this.#judged, found, isVideo);
    this.#judged.mediaSec += entry.durationSec ?? 0;
    this.#judged[isVideo ? "videoSec" : "stillSec"] += entry.tookSec;
  }

  /** The folder has been walked to its end. */
  endRound(): void {
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

  /** What still has to be judged; files on record take no time. */
  #left(total: Amount): Amount & { readonly mediaSec: number } {
    const left = (key: keyof Amount) => Math.max(0, total[key] - this.#earlier[key] - this.#added[key]);
    const { mediaSec, videoBytes } = this.#judged;
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
    const judged = this.#judged;
    if (this.#judgingMs === null || judged.files === 0) return { byBytes: null, byMedia: null };
    const judgingSec = (performance.now() - this.#judgingMs) / 1000;
    const byBytes = judged.bytes === 0 ? null : (left.bytes * judgingSec) / judged.bytes;
    // Videos take time by their length, the rest by their number; several are judged at once.
    const workedSec = judged.videoSec + judged.stillSec;
    const perMediaSec = judged.mediaSec === 0 ? 0 : judged.videoSec / judged.mediaSec;
    const perStill = judged.stills === 0 ? 0 : judged.stillSec / judged.stills;
    const work = left.mediaSec * perMediaSec + left.stills * perStill;
    return { byBytes, byMedia: workedSec === 0 ? null : (work * judgingSec) / workedSec };
  }
}

function isNamedVideo(found: Found): boolean {
  return !("trouble" in found) && isVideoPath(found.name.text);
}

function add(amount: Amount, found: Found, isVideo: boolean): void {
  const bytes = "trouble" in found ? 0 : found.bytes;
  amount.files++;
  amount.bytes += bytes;
  if (isVideo) amount.videoBytes += bytes;
  else amount.stills++;
}
