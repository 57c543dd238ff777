import { probe } from "../media/index.ts";
import type { Audited } from "./file-auditor.ts";
import { textPath } from "./file-name.ts";
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
  readonly mediaSecTotal: number | null;
  readonly elapsedSec: number;
  /** Seconds left at the pace of this run, reckoned in bytes and in seconds of video; null until that can be said. */
  readonly secLeft: { readonly byBytes: number | null; readonly byMedia: number | null };
  /** Files that are being judged, and how far. */
  readonly underWay: readonly {
    readonly path: string;
    readonly done: number;
    readonly total: number | null;
  }[];
}

const videoEndings = /\.(mp4|m4v|mov|qt|mkv|webm|avi|wmv|asf|flv|ogv|mts|m2ts|ts|mpe?g|mxf|3gp)$/i;

/** Files, bytes, and seconds of video. */
interface Amount {
  files: number;
  bytes: number;
  mediaSec: number;
  /** Files that are no video. */
  stills: number;
}

const none = (): Amount => ({ files: 0, bytes: 0, mediaSec: 0, stills: 0 });

/** Counts what an audit does, and reckons how long the rest takes. */
export class ProgressCounter {
  readonly #startedMs = performance.now();
  readonly #underWay = new Map<string, { done: number; total: number | null }>();
  /** On record. */
  readonly #done = none();
  /** Judged in this run, and the seconds of all processes that it took. */
  readonly #judged = { ...none(), videoSec: 0, stillSec: 0 };
  #total: Amount | null = null;

  /** Measures a folder beside the audit, so that there is a total to reckon with: videos are asked for their length. */
  async count(
    found: AsyncIterable<Found>,
    where: { root: string; scratch: string; signal: AbortSignal },
  ): Promise<void> {
    const total = none();
    for await (const one of found) {
      where.signal.throwIfAborted();
      const isVideo = videoEndings.test(one.name.text) && !("trouble" in one);
      const bytes = "trouble" in one ? 0 : one.bytes;
      add(total, { bytes, mediaSec: isVideo ? await lengthOf(one, where) : null });
    }
    this.#total = total;
  }

  frames(path: string, done: number, total: number | null): void {
    this.#underWay.set(path, { done, total });
  }

  /** @param audited null for a file that has vanished */
  ended(found: Found, audited: Audited | null): void {
    this.#underWay.delete(found.name.text);
    const bytes = "trouble" in found ? 0 : found.bytes;
    const mediaSec = audited?.entry.kind === "video" ? (audited.entry.durationSec ?? 0) : null;
    add(this.#done, { bytes, mediaSec });
    if (!audited?.isNew || audited.entry.duplicateOf !== null) return;
    add(this.#judged, { bytes, mediaSec });
    if (mediaSec === null) this.#judged.stillSec += audited.entry.tookSec;
    else this.#judged.videoSec += audited.entry.tookSec;
  }

  get now(): AuditProgress {
    const elapsedSec = (performance.now() - this.#startedMs) / 1000;
    const [done, total] = [this.#done, this.#total];
    return {
      filesDone: done.files,
      filesTotal: total && Math.max(done.files, total.files),
      bytesDone: done.bytes,
      bytesTotal: total && Math.max(done.bytes, total.bytes),
      mediaSec: done.mediaSec,
      mediaSecTotal: total && Math.max(done.mediaSec, total.mediaSec),
      elapsedSec,
      secLeft: total === null ? { byBytes: null, byMedia: null } : this.#secLeft(total, elapsedSec),
      underWay: [...this.#underWay].map(([path, frames]) => ({ path, ...frames })),
    };
  }

  #secLeft(total: Amount, elapsedSec: number): AuditProgress["secLeft"] {
    const [done, judged] = [this.#done, this.#judged];
    const left = (key: keyof Amount) => Math.max(0, total[key] - done[key]);
    const byBytes = judged.bytes === 0 ? null : (left("bytes") * elapsedSec) / judged.bytes;
    // Videos take time by their length, the rest by their number; several are judged at once.
    const workedSec = judged.videoSec + judged.stillSec;
    const perMediaSec = judged.mediaSec === 0 ? 0 : judged.videoSec / judged.mediaSec;
    const perStill = judged.stills === 0 ? 0 : judged.stillSec / judged.stills;
    const byMedia =
      workedSec === 0
        ? null
        : ((left("mediaSec") * perMediaSec + left("stills") * perStill) * elapsedSec) / workedSec;
    return { byBytes, byMedia };
  }
}

/** @param one.mediaSec null for what is no video */
function add(amount: Amount, { bytes, mediaSec }: { bytes: number; mediaSec: number | null }): void {
  amount.files++;
  amount.bytes += bytes;
  if (mediaSec === null) amount.stills++;
  else amount.mediaSec += mediaSec;
}

async function lengthOf(
  { name }: FoundFile,
  { root, scratch, signal }: { root: string; scratch: string; signal: AbortSignal },
): Promise<number> {
  try {
    return (await probe(await textPath(root, name, scratch), { signal })).durationSec ?? 0;
  } catch {
    // Why it cannot be read is the audit's to record.
    return 0;
  }
}
