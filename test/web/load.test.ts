import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { proveLoad } from "../../scripts/proofs/serve/load.ts";
import { fixture } from "../cli/run-cli.ts";
import { startTestServer } from "./support.ts";

// The whole of it, 200 uploads by 32 clients, is scripts/proofs/serve-load.ts.
test("of 24 uploads by 12 clients at once none is lost and none mixed up, and who is too many comes back later", async () => {
  const server = await startTestServer({ jobs: 2, queue: 2 }, { frames: 2 });
  const files = ["still.jpg", "still-forged.jpg", "text.mp4", "forged.mp4"].map((name) => {
    const bytes = readFileSync(fixture(name));
    return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
  const outcome = await proveLoad({ url: server.url, files, uploads: 24, clients: 12 });
  expect(outcome).toMatchObject({ uploads: 24, lost: 0, mixedUp: 0 });
  expect(outcome.refused).toBeGreaterThan(0);
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`telltale-serve-${process.pid}-`));
  expect(folders.flatMap((name) => readdirSync(join(tmpdir(), name)))).toEqual([]);
  await server.stop();
});
