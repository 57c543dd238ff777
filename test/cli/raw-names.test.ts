import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixture, root } from "./run-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "telltale-raw-names-"));
  // é and è in Latin-1: two names that read alike where bytes that are not UTF-8 are replaced.
  for (const [byte, name] of [
    [0xe8, "still-forged.jpg"],
    [0xe9, "still.jpg"],
  ] as const) {
    const path = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([byte]), Buffer.from(".jpg")]);
    copyFileSync(fixture(name), path);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("detect opens files whose names are not UTF-8, each its own, and leaves no link behind", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("telltale-names-"));
  // Only a shell can give such a name to a process.
  const script = 'node "$0" detect --backend wasm --json - caf*.jpg; true';
  const options = { cwd: folder, encoding: "utf8" } as const;
  const { stdout, stderr } = await promisify(execFile)(
    "sh",
    ["-c", script, join(root, "dist/cli/main.js")],
    options,
  );
  expect(stderr).toBe("");
  const reports = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(reports.map(({ verdict }) => verdict)).toEqual(["forged", "authentic"]);
  for (const { file } of reports) expect(file.path).toBe("caf\ufffd.jpg");
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("telltale-names-"))).toEqual(before);
});
