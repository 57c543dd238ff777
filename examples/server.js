// A server that judges what is sent to it, on this machine only: node examples/server.js [PORT]
//   curl --data-binary @clip.mp4 http://127.0.0.1:8080
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openDetector, reportFailure, reportFile } from "telltale";

const detector = await openDetector({ frames: 8, backend: "wasm" });

const server = createServer(async (request, response) => {
  const path = join(tmpdir(), randomUUID());
  // Somebody who hangs up does not want the answer any more.
  const controller = new AbortController();
  response.on("close", () => controller.abort());
  try {
    await pipeline(request, createWriteStream(path));
    const detection = await detector.detect(path, { signal: controller.signal });
    response.end(JSON.stringify(reportFile(detection)));
  } catch (error) {
    response.statusCode = 422;
    response.end(
      JSON.stringify(reportFailure("upload", { code: error.code ?? "UNEXPECTED", message: error.message })),
    );
  } finally {
    await rm(path, { force: true });
  }
});

server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  console.log(`Listening on port ${server.address().port}.`);
});
process.once("SIGTERM", async () => {
  server.close();
  await detector.close();
});
