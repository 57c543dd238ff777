import type { SingleBar } from "cli-progress";
import { stripControlCharacters } from "../report/terminal-style.ts";
import { say } from "./failure.ts";

/** How far a training is. */
export interface Reached {
  readonly done: number;
  readonly total: number;
  /** Losses and speed, in a few words. */
  readonly note: string;
  readonly secLeft: number;
}

/** A training's progress on stderr: one bar with what is left of the time on a terminal, a line now and then elsewhere. */
export class TrainingBar {
  readonly #unit: string;
  readonly #bar: SingleBar | null;
  #isShown = false;

  private constructor(unit: string, bar: SingleBar | null) {
    this.#unit = unit;
    this.#bar = bar;
  }

  /** @param unit of what is counted, e.g. `steps` */
  static async start(unit: string): Promise<TrainingBar> {
    if (!process.stderr.isTTY) return new TrainingBar(unit, null);
    const { default: progress } = await import("cli-progress");
    const format = `{bar} {value}/{total} ${unit}, {note}, {left} left`;
    const options = { format, stream: process.stderr, clearOnComplete: true, hideCursor: true, barsize: 16 };
    return new TrainingBar(unit, new progress.SingleBar(options, progress.Presets.shades_classic));
  }

  update({ done, total, note, secLeft }: Reached): void {
    const left = timeOf(secLeft);
    if (this.#bar === null) say(`${done} of ${total} ${this.#unit}, ${note}, ${left} left`);
    else {
      const words = { note: stripControlCharacters(note), left };
      if (this.#isShown) this.#bar.update(done, words);
      else this.#bar.start(total, done, words);
      this.#isShown = true;
    }
  }

  /** A sentence above the bar. */
  say(sentence: string): void {
    this.stop();
    say(sentence);
  }

  /** Takes the bar away; the next update brings it back. */
  stop(): void {
    if (this.#isShown) this.#bar?.stop();
    this.#isShown = false;
  }
}

/** `12 min`, `3.4 h`. */
function timeOf(sec: number): string {
  return sec < 5400 ? `${Math.ceil(sec / 60)} min` : `${(sec / 3600).toFixed(1)} h`;
}
