/** 128 + SIGPIPE, which is what a shell reports of a program whose reader has left. */
const NOBODY_READS = 141;

/** Ends the program without a word when what it is piped into (`| head`) has ended. */
export function leaveWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(NOBODY_READS);
      throw error;
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
