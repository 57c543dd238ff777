// npm run bench: CPU time and memory of `telltale`, compared with ffmpeg decoding the same clip and, if python3 has torch, with a
// typical detector (Xception at 299 px behind MTCNN, scripts/bench/pytorch.py).
//
// Measures the CPU time of whole processes with their children in alternating rounds. On a busy machine it varies less than wall
// time; only ratios within one run are meaningful. Needs GNU time at /usr/bin/time.
//   npm run bench -- [--rounds 5] [--before DIR]      DIR: another built checkout, measured in the same rounds
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { locateFfmpeg } from "../../src/media/index.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, before: { type: "string" } },
});
const { ffmpegPath } = await locateFfmpeg();
const scratch = mkdtempSync(join(tmpdir(), "telltale-bench-"));

interface Cost {
  readonly cpuSec: number;
  readonly peakMib: number;
}

const full = clip("portrait-1080p-10s.mp4", 1920, 1080);
const small = clip("portrait-480p-10s.mp4", 640, 480);
const still = join(root, "fixtures/media/still.jpg");
const detect = (...args: string[]) => ["detect", "--backend", "wasm", "--quiet", ...args];
const runs = {
  version: ["--version"],
  help: ["--help"],
  still: detect(still),
  full: detect(full),
  // The difference of 32 frames, without start-up and decoding.
  fullFew: detect("--frames", "8", full),
  fullMany: detect("--frames", "40", full),
  smallFew: detect("--frames", "8", small),
  smallMany: detect("--frames", "40", small),
} as const;
type Run = keyof typeof runs;

const builds = [...(values.before ? [{ name: "before", dir: resolve(values.before) }] : [])];
builds.push({ name: values.before ? "after" : "telltale", dir: root });
const costs = new Map<string, Cost[]>();
const torch = pytorch();
for (let round = 0; round < Number(values.rounds); round++) {
  add("node", measure(process.execPath, ["-e", "0"]));
  add("decode", measure(ffmpegPath, ["-v", "error", "-nostdin", "-i", full, "-an", "-f", "null", "-"]));
  for (const { name, dir } of builds) {
    for (const [run, args] of Object.entries(runs)) {
      add(`${name} ${run}`, measure(process.execPath, [join(dir, "dist/cli/main.js"), ...args]));
    }
  }
}
rmSync(scratch, { recursive: true });

console.log(`Medians of ${values.rounds} rounds. CPU seconds, peak resident MiB of the largest process.\n`);
console.log(`| | ${builds.map(({ name }) => name).join(" | ")} |`);
console.log(`|---|${builds.map(() => "---|").join("")}`);
row("`telltale --version`", (build) => seconds(build, "version"));
row("`telltale --help`", (build) => seconds(build, "help"));
row("one picture, from start to verdict", (build) => seconds(build, "still"));
row("10 s of 1080p, 32 frames", (build) => seconds(build, "full"));
row("- times bare decoding", (build) => (cpu(`${build} full`) / cpu("decode")).toFixed(1));
row(
  "- peak memory",
  (build) => `${Math.max(...costs.get(`${build} full`)!.map((c) => c.peakMib)).toFixed(0)} MiB`,
);
row("a frame of 640 x 480, one face", (build) => milliseconds(frameSec(build, "small")));
row("a frame of 1920 x 1080, one face", (build) => milliseconds(frameSec(build, "full")));
if (torch !== null) {
  row("- PyTorch pipeline takes, times as long", (build) => (torch / frameSec(build, "full")).toFixed(1));
}
console.log(
  `\nNode alone ${cpu("node").toFixed(2)} s; ffmpeg decodes the clip in ${cpu("decode").toFixed(2)} s; ${
    torch === null
      ? "PyTorch pipeline not measured: python3 has no torch"
      : `PyTorch pipeline ${milliseconds(torch)} a frame of 1920 x 1080`
  }.`,
);

function row(what: string, cell: (build: string) => string): void {
  console.log(`| ${what} | ${builds.map(({ name }) => cell(name)).join(" | ")} |`);
}

function seconds(build: string, run: Run): string {
  return `${cpu(`${build} ${run}`).toFixed(2)} s`;
}

function frameSec(build: string, size: "small" | "full"): number {
  return (cpu(`${build} ${size}Many`) - cpu(`${build} ${size}Few`)) / 32;
}

function milliseconds(sec: number): string {
  return `${(1000 * sec).toFixed(0)} ms`;
}

function add(name: string, cost: Cost): void {
  costs.set(name, [...(costs.get(name) ?? []), cost]);
}

function cpu(name: string): number {
  const all = costs.get(name)!.map(({ cpuSec }) => cpuSec);
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
}

function measure(command: string, args: readonly string[]): Cost {
  const out = join(scratch, "time");
  const { status } = spawnSync("/usr/bin/time", ["-f", "%U %S %M", "-o", out, command, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  // 10 and 11 are verdicts.
  if (status !== 0 && status !== 10 && status !== 11)
    throw new Error(`${command} ${args.join(" ")}: ${status}`);
  const [user, system, peakKib] = readFileSync(out, "utf8").trim().split("\n").at(-1)!.split(" ").map(Number);
  return { cpuSec: user! + system!, peakMib: peakKib! / 1024 };
}

/** CPU seconds per frame of 1080p with one face; null without torch. */
function pytorch(): number | null {
  const script = join(import.meta.dirname, "pytorch.py");
  const { status, stdout } = spawnSync("python3", [script], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : null;
}

/** A slow pan over the portrait of the fixtures with sensor noise, so that decoding is as expensive as for real footage. */
function clip(name: string, width: number, height: number): string {
  const path = join(root, "cache/bench", name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const side = Math.round(1.25 * width);
  const motion = `scale=${side}:${side}:flags=bicubic,crop=${width}:${height}:x='(iw-ow)*(0.5+0.4*sin(t/5))':y='(ih-oh)*(0.08+0.04*sin(t/3))',noise=alls=6:allf=t,format=yuv420p`;
  const partial = path.replace(".mp4", ".partial.mp4");
  const input = ["-loop", "1", "-framerate", "30", "-t", "10", "-i", join(root, "fixtures/portrait.png")];
  const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"];
  const { status } = spawnSync(ffmpegPath, [
    "-v",
    "error",
    "-y",
    ...input,
    "-vf",
    motion,
    ...encoder,
    partial,
  ]);
  if (status !== 0) throw new Error(`ffmpeg could not make ${path}`);
  renameSync(partial, path);
  return path;
}
