import { spawn } from "node:child_process";
import { resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
const main = resolve(root, "dist/cli/main.js");

/** Path of a fixture. */
export const fixture = (name: string) => resolve(root, "fixtures/media", name);

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command in a process of its own, in the repository's root unless told otherwise. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root) {
  return spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", NODE_OPTIONS: "--trace-warnings", ...env },
  });
}

/**
 * Runs the built command to its end.
 *
 * @throws when Node warns of something on stderr
 */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd = root,
): Promise<CliResult> {
  const child = startCli(args, env, cwd);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once("close", done)),
  ]);
  if (/^\(node:\d+\) /m.test(stderr)) throw new Error(`Expected no warning of Node, but: ${stderr}`);
  return { code, stdout, stderr };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
