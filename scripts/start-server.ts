import { type ChildProcess, spawn } from "node:child_process";

/**
 * Starts `telltale serve` on a free port.
 *
 * @param cli path of the built command
 * @throws Error with its stderr if it exits before it listens
 */
export async function startServer(
  cli: string,
  flags: readonly string[] = [],
): Promise<{ server: ChildProcess; url: string }> {
  const server = spawn(process.execPath, [cli, "serve", "--port", "0", ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise<string>((found, failed) => {
    let said = "";
    server.stderr.on("data", (chunk) => {
      said += chunk;
      const address = /Listening on (\S+)/.exec(said)?.[1];
      if (address) found(address);
    });
    server.once("close", () => failed(new Error(said)));
  });
  return { server, url };
}
