import { TelltaleError } from "../errors.ts";
import { frames } from "./frames.ts";
import type { Frame, FrameOptions, FrameStream, MediaInfo, NotAnalyzed } from "./types.ts";

/**
 * The frames of all parts of a file, one part after the other, each sampled as by {@link frames}. `part` is the index of the
 * part. Parts other than the main one that cannot be decoded are counted in `notAnalyzed`.
 *
 * @throws TelltaleError as {@link frames}, of the main part
 */
export function allFrames(info: MediaInfo, options: FrameOptions = {}): FrameStream {
  const parts = [info, ...(info.others ?? [])];
  const streams = parts.map((part) => frames(part, options));
  const lost: NotAnalyzed[] = [];
  async function* read(): AsyncGenerator<Frame> {
    let index = 0;
    for (const [part, stream] of streams.entries()) {
      try {
        for await (const frame of stream) yield { ...frame, index: index++, part };
      } catch (error) {
        const isItsOwn = error instanceof TelltaleError && /^(DECODE|MEDIA|NOT|UNSUPPORTED)/.test(error.code);
        const { what, durationSec } = parts[part]!;
        if (what === undefined || !isItsOwn || options.signal?.aborted) throw error;
        lost.push({ what, count: 1, seconds: durationSec });
      }
    }
  }
  const source = read();
  return {
    get framesExpected() {
      const expected = streams.map((stream) => stream.framesExpected);
      return expected.includes(null) ? null : expected.reduce((sum: number, one) => sum + one!, 0);
    },
    get framesFailed() {
      return streams.reduce((sum, stream) => sum + stream.framesFailed, 0);
    },
    get notAnalyzed() {
      return [...streams.flatMap((stream) => stream.notAnalyzed), ...lost];
    },
    get warnings() {
      return [...new Set(streams.flatMap((stream) => stream.warnings))];
    },
    [Symbol.asyncIterator]: () => source,
  };
}
