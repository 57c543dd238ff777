import { startProcess } from "./ffmpeg-process.ts";

/** ffmpeg takes a jump of the clock by more than this, in a container whose clock may jump, for a new start. */
const jumpSec = 10;
/** So far behind the packet before it, a packet begins a new part; reordered frames stay closer. */
const backSec = 0.1;
/** Pauses beyond so many usual distances between frames, and beyond a second, count no longer than that. */
const longPause = 10;
/** Each pause is a term of the expression that selects frames. */
const maxPauses = 32;

/** A stretch without frames that is longer than what it counts for. Seconds from the start of the file. */
export interface Pause {
  readonly startSec: number;
  /** How much of it does not count. */
  readonly excessSec: number;
}

/** What a stream holds, from its packets and not from the file's header. */
export interface StreamPackets {
  readonly index: number;
  readonly count: number;
  readonly bytes: number;
  /** Packets that an edit list hides. */
  readonly hidden: number;
  /** Time of the first frame on the file's own clock, and of the last one counted on from there over all jumps; seconds. */
  readonly firstSec: number;
  readonly lastSec: number;
  /** Seconds from the first frame to the end of the last one, jumps of the clock left out. */
  readonly heldSec: number;
  /** How often the clock jumps: one file was put behind another. */
  readonly jumps: number;
  readonly pauses: readonly Pause[];
}

/** How to read a file's packets. */
export interface PacketScan {
  readonly ffprobePath: string;
  readonly mediaPath: string;
  /** Arguments that open the file. */
  readonly input: readonly string[];
  /** Whether the container's clock may jump, as those of MPEG streams. */
  readonly mayJump: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file through without decoding it.
 *
 * @returns one entry for each stream that has packets with times, by the stream's index
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

/** Adds up one stream's packets in the order of the file. */
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
  /** How long the frame at `#lastSec` is shown. */
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

  // As ffmpeg does where it copies no timestamps: what comes after a jump follows what came before it.
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
    // The last frame may be said to stay for hours.
    const isSaid = this.#lastFrameSec > 0 && this.#lastFrameSec <= countedSec;
    const frameSec = isSaid ? this.#lastFrameSec : usualSec > 0 ? usualSec : 1 / 25;
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
