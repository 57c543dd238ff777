import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locateFfmpeg } from "../../src/media/index.ts";
import { fixture, startCli } from "./run-cli.ts";

let folder: string;
let clip: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-signals-"));
  clip = join(folder, "long.mp4");
  // Ten minutes of one face: nobody waits for that to end.
  const { ffmpegPath } = await locateFfmpeg();
  execFileSync(
    ffmpegPath,
    ["-v", "error", "-loop", "1", "-r", "10", "-i", fixture("still.jpg"), "-t", "600"].concat([
      "-vf",
      "scale=320:-2",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
      clip,
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true }));

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

describe.skipIf(!existsSync("/proc/self/task"))("a signal (children are counted in Linux's /proc)", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends the run with %i, leaves no child and no half-written file", async (signal, code) => {
    const json = join(folder, `${signal}.json`);
    const child = startCli(["detect", "--backend", "wasm", "--fps", "10", "--json", json, clip]);
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<number | null>((done) => child.once("close", done));
    let pids: number[] = [];
    while (pids.length === 0) {
      await sleep(20);
      pids = children(child.pid!);
    }
    await sleep(300);
    pids.push(...children(child.pid!));
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(stderr).toBe(`telltale: Stopped by ${signal}.\n`);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(await readdir(folder)).toEqual(["long.mp4"]);
  });
});

test("a reader that leaves ends the run without a word", async () => {
  const child = startCli([
    "detect",
    "--backend",
    "wasm",
    "--json",
    "-",
    ...new Array(3).fill(fixture("still.jpg")),
  ]);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout.destroy();
  expect(await new Promise((done) => child.once("close", done))).toBe(141);
  expect(stderr).toBe("");
});
