import { startProcess } from "./ffmpeg-process.ts";

/** ffmpeg treats a larger jump of the timestamps, in MPEG containers, as a discontinuity. */
const jumpSec = 10;
/** A larger backward jump starts a new part; reordered frames are closer. */
const backSec = 0.1;
/** Pauses are shortened to this many usual frame intervals, or to one second if that is longer. */
const longPause = 10;
/** Limits the length of the select expression, in which each pause is a term. */
const maxPauses = 32;

/** A long interval without frames. Times in seconds. */
export interface Pause {
  readonly startSec: number;
  /** Part of the pause that is skipped by sampling. */
  readonly excessSec: number;
}

/** Properties of a stream, measured from its packets. */
export interface StreamPackets {
  readonly index: number;
  readonly count: number;
  readonly bytes: number;
  /** Number of packets that an edit list hides. */
  readonly hidden: number;
  /** Timestamp of the first frame, and of the last one with discontinuities removed; seconds. */
  readonly firstSec: number;
  readonly lastSec: number;
  /** Seconds from the first frame to the end of the last one, with discontinuities removed. */
  readonly heldSec: number;
  /** Number of timestamp discontinuities, e.g. in concatenated files. */
  readonly jumps: number;
  readonly pauses: readonly Pause[];
}

/** Options for {@link scanPackets}. */
export interface PacketScan {
  readonly ffprobePath: string;
  readonly mediaPath: string;
  /** Input arguments of ffprobe. */
  readonly input: readonly string[];
  /** Whether timestamps may be discontinuous, as in MPEG streams. */
  readonly mayJump: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads all packets of a file without decoding.
 *
 * @returns streams with timestamps, by stream index
 * @throws TelltaleError ABORTED, DECODE_TIMEOUT, FFMPEG_MISSING.
 */
export async function scanPackets(scan: PacketScan): Promise<ReadonlyMap<number, StreamPackets>> {
  const { ffprobePath, input, mayJump, ...run } = scan;
  const entries = ["-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,size,flags"];
  const started = startProcess({
    ...run,
    binaryPath: ffprobePath,
    command: ["-v", "error", ...entries, "-print_format", "csv=p=0", ...input],
  });
  const streams = new Map<number, StreamTally>();
  let rest = "";
  for await (const chunk of started.chunks()) {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [index, pts, dts, duration, size, flags = ""] = line.split(",");
      const stream = Number.parseInt(index ?? "", 10);
      if (Number.isNaN(stream)) continue;
      const tally = streams.get(stream) ?? new StreamTally(stream, mayJump);
      streams.set(stream, tally);
      tally.add({
        ptsSec: Number.parseFloat(pts ?? ""),
        dtsSec: Number.parseFloat(dts ?? ""),
        durationSec: Number.parseFloat(duration ?? ""),
        bytes: Number.parseInt(size ?? "", 10) || 0,
        isHidden: flags.includes("D"),
      });
    }
  }
  return new Map([...streams].flatMap(([index, tally]) => (tally.isTimed ? [[index, tally.result()]] : [])));
}

interface Packet {
  readonly ptsSec: number;
  readonly dtsSec: number;
  readonly durationSec: number;
  readonly bytes: number;
  readonly isHidden: boolean;
}

/** Accumulates the packets of one stream. */
class StreamTally {
  readonly index: number;
  readonly #mayJump: boolean;
  readonly #times: number[] = [];
  #count = 0;
  #bytes = 0;
  #hidden = 0;
  #jumps = 0;
  #offsetSec = 0;
  #lastDtsSec = Number.NaN;
  #durationSec = Number.NaN;
  #lastSec = Number.NaN;
  /** Duration of the frame at `#lastSec`. */
  #lastFrameSec = Number.NaN;

  constructor(index: number, mayJump: boolean) {
    this.index = index;
    this.#mayJump = mayJump;
  }

  get isTimed(): boolean {
    return this.#times.length > 0;
  }

  add({ ptsSec, dtsSec, durationSec, bytes, isHidden }: Packet): void {
    this.#bytes += bytes;
    if (isHidden) {
      this.#hidden++;
      return;
    }
    this.#count++;
    const decodeSec = Number.isNaN(dtsSec) ? ptsSec : dtsSec;
    const shownSec = Number.isNaN(ptsSec) ? dtsSec : ptsSec;
    if (Number.isNaN(shownSec)) return;
    if (this.#mayJump) this.#followClock(decodeSec);
    if (durationSec > 0) this.#durationSec = durationSec;
    const timeSec = shownSec + this.#offsetSec;
    if (!(timeSec < this.#lastSec)) [this.#lastSec, this.#lastFrameSec] = [timeSec, durationSec];
    this.#times.push(timeSec);
  }

  // Removes discontinuities as ffmpeg does without -copyts.
  #followClock(decodeSec: number): void {
    const aheadSec = decodeSec - this.#lastDtsSec;
    if (aheadSec < -backSec || aheadSec > jumpSec) {
      this.#jumps++;
      this.#offsetSec -= aheadSec - (this.#durationSec > 0 ? this.#durationSec : 0);
    }
    this.#lastDtsSec = decodeSec;
  }

  result(): StreamPackets {
    const times = Float64Array.from(this.#times).sort();
    const [firstSec, lastSec] = [times[0]!, times.at(-1)!];
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    const usualSec = Float64Array.from(gaps).sort()[gaps.length >> 1] ?? 0;
    const countedSec = Math.max(1, longPause * usualSec);
    // The stated duration of the last frame may be hours.
    const isPlausible = this.#lastFrameSec > 0 && this.#lastFrameSec <= countedSec;
    const frameSec = isPlausible ? this.#lastFrameSec : usualSec > 0 ? usualSec : 1 / 25;
    const pauses = [...gaps.keys()]
      .filter((i) => gaps[i]! > countedSec)
      .sort((a, b) => gaps[b]! - gaps[a]!)
      .slice(0, maxPauses)
      .sort((a, b) => a - b)
      .map((i) => ({ startSec: times[i]! - firstSec, excessSec: gaps[i]! - countedSec }));
    return {
      index: this.index,
      count: this.#count,
      bytes: this.#bytes,
      hidden: this.#hidden,
      firstSec,
      lastSec,
      heldSec: lastSec - firstSec + frameSec,
      jumps: this.#jumps,
      pauses,
    };
  }
}
