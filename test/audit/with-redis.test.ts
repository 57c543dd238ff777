import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const module = new URL("../../src/audit/with-redis.ts", import.meta.url).href;

test.each([
  ["bullmq", "QUEUE_UNAVAILABLE"],
  ["ioredis", "QUEUE_UNAVAILABLE"],
  ["another-package", "ERR_MODULE_NOT_FOUND"],
])("a module that needs %s, which is not installed, fails with its own code", async (name, code) => {
  // No node_modules lies above the temporary folder.
  const folder = await mkdtemp(join(tmpdir(), "telltale-redis-"));
  try {
    const path = join(folder, "needs.mjs");
    await writeFile(path, `import ${JSON.stringify(name)};\n`);
    const program = `import { withRedis } from ${JSON.stringify(module)};
      await withRedis(() => import(${JSON.stringify(pathToFileURL(path).href)})).catch((e) => console.log(e.code));`;
    const { stdout } = await run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
    expect(stdout.trim()).toBe(code);
  } finally {
    await rm(folder, { recursive: true });
  }
});
