import { setMaxListeners } from "node:events";
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The run was ended by a signal. */
export class SignalAbort extends Error {
  /** 128 + the signal's number, as shells have it: 130 after Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`Stopped by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Runs work that the first SIGINT, SIGTERM or SIGHUP aborts, so that it can end its children; a second one ends the
 * process at once.
 *
 * @throws SignalAbort once the aborted work has ended, however it ended
 */
export async function untilSignal<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  // Every file and child under way listens.
  setMaxListeners(0, controller.signal);
  const abort = (signal: NodeJS.Signals) => {
    const reason = new SignalAbort(signal as (typeof signals)[number]);
    if (controller.signal.aborted) process.exit(reason.exitCode);
    controller.abort(reason);
  };
  for (const signal of signals) process.on(signal, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const signal of signals) process.off(signal, abort);
  }
}
