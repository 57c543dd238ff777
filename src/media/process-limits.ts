/**
 * Address space of a decoder in KiB: 4 GiB. 8K video takes 1.2 GB with one frame thread per core; files that need several times
 * that are malicious.
 */
const MAX_ADDRESS_SPACE_KIB = 4 << 20;

/** Maximum number of open files, pipes and sockets; ffmpeg needs about a dozen. */
const MAX_OPEN_FILES = 64;

/** A program with its arguments. */
export interface CommandLine {
  readonly binaryPath: string;
  readonly args: readonly string[];
}

/**
 * Wraps a command line with limits on memory, open files and written files, so that an untrusted input can at worst make it
 * fail. The shell execs the program, so there is only one process.
 *
 * Unsupported limits and existing tighter limits are ignored. The number of processes is not limited, because the kernel counts
 * all processes of the user. On Windows the command is returned unchanged.
 */
export function withLimits(command: CommandLine, { writesFile }: { writesFile: boolean }): CommandLine {
  if (process.platform === "win32") return command;
  const limits = [`-v ${MAX_ADDRESS_SPACE_KIB}`, "-c 0", `-n ${MAX_OPEN_FILES}`];
  if (!writesFile) limits.push("-f 0");
  const script = [...limits.map((limit) => `ulimit ${limit} 2>/dev/null`), 'exec "$0" "$@"'].join("; ");
  return { binaryPath: "/bin/sh", args: ["-c", script, command.binaryPath, ...command.args] };
}
