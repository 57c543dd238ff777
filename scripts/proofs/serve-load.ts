// 200 uploads by 32 clients at once: no answer is lost or mixed up, memory is bounded, surplus clients get 429.
//   npx tsx scripts/proofs/serve-load.ts [--uploads 200] [--clients 32] [--frames 4] [--json F]
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "../start-server.ts";
import { proveLoad } from "./serve/load.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    uploads: { type: "string", default: "200" },
    clients: { type: "string", default: "32" },
    frames: { type: "string", default: "4" },
    json: { type: "string" },
  },
});
const names = ["authentic.mp4", "forged.mp4", "two-people.mp4", "still.jpg", "still-forged.jpg", "text.mp4"];
const files = names.map((name) => {
  const bytes = readFileSync(resolve(root, "fixtures/media", name));
  return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
});

const flags = ["--backend", "wasm", "--workers", "1", "--queue", "14", "--frames", values.frames];
const { server, url } = await startServer(resolve(root, "dist/cli/main.js"), flags);

const [uploads, clients] = [Number(values.uploads), Number(values.clients)];
try {
  const outcome = await proveLoad({ url, files, uploads, clients });
  console.log(JSON.stringify(outcome, null, 2));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(outcome, null, 2)}\n`);
  if (outcome.lost > 0 || outcome.mixedUp > 0 || outcome.refused === 0) process.exitCode = 1;
} finally {
  server.kill("SIGTERM");
}
