import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileReportSchema } from "../../src/report/schema.ts";
import { fixture, root } from "../cli/run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-examples-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs an example to its end, against the built package. */
async function runExample(name: string, ...args: string[]): Promise<string[]> {
  const child = spawn(process.execPath, [join(root, "examples", name), ...args], { cwd: root });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return output.trimEnd().split("\n");
}

test("judge-clips.js judges a picture, and goes on after a file that is none", async () => {
  const [bad, good] = await runExample("judge-clips.js", fixture("text.mp4"), fixture("still.jpg"));
  expect(bad).toBe(`${fixture("text.mp4")} NOT_MEDIA`);
  expect(good).toMatch(/still\.jpg (forged|authentic) \d\.\d\d$|still\.jpg inconclusive near-threshold$/);
});

test("watch-frames.js tells of frames one by one", async () => {
  const lines = await runExample("watch-frames.js", fixture("no-face.mp4"));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines[0]).toMatch(/^1 of \d+: no face$/);
});

test("write-report.js writes a page", async () => {
  const out = join(folder, "report.html");
  const [line] = await runExample("write-report.js", fixture("still.jpg"), out);
  expect(line).toMatch(/^(forged|authentic|inconclusive): see /);
  expect(await readFile(out, "utf8")).toMatch(/^<!doctype html>/);
});

test("server.js answers with a report, with an error for what is no media, and ends when asked to", async () => {
  const child = spawn(process.execPath, [join(root, "examples/server.js"), "0"], { cwd: root });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (chunk) => resolve(/\d+/.exec(String(chunk))![0]));
      child.once("close", () => reject(new Error("The server ended.")));
    });
    const post = async (body: Uint8Array | string) => {
      const init = { method: "POST", body: body as NonNullable<RequestInit["body"]> };
      const response = await fetch(`http://127.0.0.1:${port}`, init);
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    };
    const good = await post(await readFile(fixture("still.jpg")));
    expect(good.status).toBe(200);
    expect(fileReportSchema.safeParse(good.json).success).toBe(true);
    const bad = await post("no media");
    expect(bad.status).toBe(422);
    expect(bad.json).toMatchObject({ verdict: null, error: { code: "NOT_MEDIA" } });
  } finally {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await ended;
  }
});

test("every example is run here", async () => {
  const text = await readFile(import.meta.filename, "utf8");
  const names = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".js"));
  expect(names.filter((name) => !text.includes(`"${name}"`) && !text.includes(`examples/${name}"`))).toEqual(
    [],
  );
});
