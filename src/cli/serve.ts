import { isIP } from "node:net";
import type { Command } from "commander";
import { detectOptionsSchema } from "../options/detect-options.ts";
import { serveOptionsSchema } from "../web/options.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { untilSignal } from "./signals.ts";

const help = `
Examples:
  telltale serve
  TELLTALE_TOKEN=$(openssl rand -hex 24) telltale serve --host 0.0.0.0 --tls cert.pem key.pem
  telltale serve --origin https://telltale.example.org --trust-proxy 1 --store /var/lib/telltale
  curl --data-binary @clip.mp4 'http://127.0.0.1:8080/api/jobs?wait&name=clip.mp4'
  curl -H "Authorization: Bearer $TELLTALE_TOKEN" --data-binary @clip.mp4 'https://telltale.example.org/api/jobs?wait'
`;

/** Adds `telltale serve`. */
export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("Serves a page to drop videos and pictures on, and an API for programs.")
    .addHelpText("after", help);
  addFlags(command, serveOptionsSchema);
  addFlags(command, detectOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const { TELLTALE_TOKEN: token } = process.env;
    const serve = readFlags(serveOptionsSchema, { ...(token ? { token } : {}), ...flags });
    const detect = readFlags(detectOptionsSchema, flags);
    const { startServer } = await import("../web/server.ts");
    const server = await startServer({ serve, detect });
    const { manifest, backend, options } = server.analyzer.detector;
    say(
      `Listening on ${server.url} (model ${manifest.name} ${manifest.version} on ${backend.name}, workers: ${options.workers}).`,
    );
    if (serve.token === undefined && !isLoopback(serve.host)) {
      say(
        "Everybody who reaches that address can send files: set --token, or put a proxy that asks who they are before it.",
      );
    }
    await untilSignal(async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      say(`Stopping: what runs gets ${serve.graceSec} s.`);
      await server.stop();
    });
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
