import type { SingleBar } from "cli-progress";
import { stripControlCharacters } from "../report/terminal-style.ts";

/** Shows how far a file has come. */
export interface Progress {
  /** @param total frames in all; null where that is not known */
  update(done: number, total: number | null): void;
  /** Takes the bar away again. */
  stop(): void;
}

const silent: Progress = { update() {}, stop() {} };

/** A bar with an ETA on stderr when that is a terminal; silent otherwise. */
export async function startProgress(label: string, isWanted: boolean, noun = "frames"): Promise<Progress> {
  if (!isWanted || !process.stderr.isTTY) return silent;
  const { default: progress } = await import("cli-progress");
  const name = stripControlCharacters(label).slice(-40);
  const bar: SingleBar = new progress.SingleBar(
    {
      format: `${name} {bar} {value}/{total} ${noun}, {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 24,
      // The estimate follows the last frames: the first one waits for the model.
      etaBuffer: 8,
    },
    progress.Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(done, total) {
      if (total === null) return;
      if (!isStarted) bar.start(total, 0);
      isStarted = true;
      bar.update(done);
    },
    stop() {
      if (isStarted) bar.stop();
    },
  };
}
