// The thread that reads what files say of themselves: what hangs or runs out of memory over a file is ended from outside.
import { parentPort, workerData } from "node:worker_threads";
import { ManifestReader } from "./credentials.ts";
import { readFile } from "./read-file.ts";
import type { ThreadAnswer, ThreadData, ThreadJob } from "./reader.ts";

// Nothing in here has a reason to reach the network.
Object.assign(globalThis, { fetch: undefined, XMLHttpRequest: undefined, WebSocket: undefined });

const { trustAnchors } = workerData as ThreadData;
const manifests = new ManifestReader(trustAnchors);
const port = parentPort!;
const answer = (message: ThreadAnswer) => port.postMessage(message);

port.on("message", async ({ path }: ThreadJob) => {
  try {
    for await (const statements of readFile(path, manifests)) answer({ kind: "statements", statements });
    answer({ kind: "done" });
  } catch (error) {
    answer({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
  }
});
answer({ kind: "ready" });
