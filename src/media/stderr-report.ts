/** Reads ffmpeg's stderr line by line: each frame's timestamp, and the errors. */
export class StderrReport {
  /** First error line, without its prefix; null when none came. */
  firstError: string | null = null;
  errorCount = 0;
  readonly #times: (number | null)[] = [];
  #waiting: ((timeSec: number | null) => void) | null = null;
  #isClosed = false;

  /** Takes a line of `-loglevel level+info` output. */
  readonly push = (line: string): void => {
    // Input tags are printed indented, so a file cannot imitate either kind of line.
    const time = /^\[Parsed_showinfo_\d+ @ [^\]]+\] \[info\] n:\s*\d+\s+pts:\s*(-?\d+|NOPTS)/.exec(line)?.[1];
    if (time !== undefined) {
      this.#offer(time === "NOPTS" ? null : Number(time) / 1e6);
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

  /** No more lines: who still waits for a timestamp gets null. */
  close(): void {
    this.#isClosed = true;
    this.#waiting?.(null);
    this.#waiting = null;
  }

  /** Timestamp of the next frame in seconds; null where it has none. Frames and timestamps come in the same order. */
  nextTimeSec(): Promise<number | null> {
    const time = this.#times.shift();
    if (time !== undefined) return Promise.resolve(time);
    if (this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #offer(timeSec: number | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting(timeSec);
    else this.#times.push(timeSec);
  }
}
