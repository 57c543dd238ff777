// Preloaded by NODE_OPTIONS=--require into every thread of a process under test: makes scoring threads fail. The folder
// FAIL_FOLDER says how: one file named `exit` or `spin` for each frame that does so, with any content; each is used up
// once a thread has taken it.
const { readdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");
const { isMainThread, parentPort, workerData } = require("node:worker_threads");

const folder = process.env.FAIL_FOLDER;

if (!isMainThread && folder && workerData?.manifest) {
  parentPort.on("message", () => {
    for (const name of readdirSync(folder).sort()) {
      rmSync(join(folder, name));
      if (name.startsWith("exit")) process.exit(7);
      if (name.startsWith("spin")) for (;;);
      return;
    }
  });
}
