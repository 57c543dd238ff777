/**
 * Address space of a decoder, in KiB: 4 GiB. An 8K film takes 1.2 GB of memory in one frame thread a core; what asks
 * for several times that is a file made to.
 */
const MAX_ADDRESS_SPACE_KIB = 4 << 20;

/** Files, pipes and sockets that ffmpeg holds at once; it needs a dozen. */
const MAX_OPEN_FILES = 64;

/** A program with its arguments. */
export interface CommandLine {
  readonly binaryPath: string;
  readonly args: readonly string[];
}

/**
 * The command line that runs another one with bounded memory and files, and that writes no file unless it must: what
 * reads a stranger's file can then at worst fail. The shell becomes the program, so the process stays one.
 *
 * A limit that the system does not know, or a tighter one that is there already, is passed over. The number of
 * processes is no such limit: the kernel counts all of a user's together, and ffmpeg starts none. Windows has no shell
 * for this and runs the program as it is.
 */
export function withLimits(command: CommandLine, { writesFile }: { writesFile: boolean }): CommandLine {
  if (process.platform === "win32") return command;
  const limits = [`-v ${MAX_ADDRESS_SPACE_KIB}`, "-c 0", `-n ${MAX_OPEN_FILES}`];
  if (!writesFile) limits.push("-f 0");
  const script = [...limits.map((limit) => `ulimit ${limit} 2>/dev/null`), 'exec "$0" "$@"'].join("; ");
  return { binaryPath: "/bin/sh", args: ["-c", script, command.binaryPath, ...command.args] };
}
