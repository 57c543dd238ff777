/** A frame that ffmpeg will write next. */
export interface ReportedFrame {
  /** Timestamp in seconds; null if the frame has none. */
  readonly timeSec: number | null;
  readonly width: number;
  readonly height: number;
}

/** Parses the stderr of ffmpeg: timestamp and size of each frame, and errors. */
export class StderrReport {
  /** First error line without its prefix; null without errors. */
  firstError: string | null = null;
  errorCount = 0;
  readonly #frames: ReportedFrame[] = [];
  #waiting: ((frame: ReportedFrame | null) => void) | null = null;
  #isClosed = false;

  /** Takes a line of `-loglevel level+info` output. */
  readonly push = (line: string): void => {
    // Tags of the input are printed with indentation, so a file cannot fake these lines.
    const frame =
      /^\[Parsed_showinfo_\d+ @ [^\]]+\] \[info\] n:\s*\d+\s+pts:\s*(-?\d+|NOPTS).* s:(\d+)x(\d+) /.exec(
        line,
      );
    if (frame) {
      const [, time, width, height] = frame;
      const timeSec = time === "NOPTS" ? null : Number(time) / 1e6;
      this.#offer({ timeSec, width: Number(width), height: Number(height) });
      return;
    }
    const error = /^(?:\[[^\]]+ @ [^\]]+\] )*\[(?:error|fatal|panic)\] (.*)/.exec(line)?.[1];
    if (error !== undefined) {
      this.errorCount++;
      this.firstError ??= error
        .trim()
        .slice(0, 200)
        .replace(/[.:\s]+$/, "");
    }
  };

  /** Ends the report; pending calls of `nextFrame` return null. */
  close(): void {
    this.#isClosed = true;
    this.#waiting?.(null);
    this.#waiting = null;
  }

  /** The next frame; null after the last. */
  nextFrame(): Promise<ReportedFrame | null> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #offer(frame: ReportedFrame): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting(frame);
    else this.#frames.push(frame);
  }
}
