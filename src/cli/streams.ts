import { exitCodes } from "./exit-codes.ts";
import { say } from "./failure.ts";

/** 128 + SIGPIPE, which is what a shell reports of a program whose reader has left. */
const NOBODY_READS = 141;

/**
 * Ends the program when its output cannot be written: without a word when what it is piped into (`| head`) has ended, in
 * one sentence when the disk is full.
 */
export function leaveWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(NOBODY_READS);
      if (stream === process.stdout)
        say(`Expected to write to standard output but could not (${error.code}).`);
      process.exit(exitCodes.failed);
    });
  }
}

/** Ends the program with `process.exitCode` once everything written has left: a pipe takes its time. */
export async function leave(): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
  process.exit();
}
