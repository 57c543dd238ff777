/**
 * Checks that memory does not grow with the length of a video: peak RSS for a 2-hour 1080p clip relative to a 10-second clip, and the
 * time of the long one with default sampling. Linux only (reads /proc).
 *
 *     npx tsx scripts/bench/memory.ts          frames() alone, and telltale detect where dist/ is built
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { frames, probe } from "../../src/media/index.ts";
import { runFfmpeg } from "../fixtures/run-ffmpeg.ts";

const cacheFolder = "cache/bench";
const cli = "dist/cli/main.js";

if (process.argv[2] === "--frames") await readFrames(process.argv[3] as string);
else await compare();

async function compare(): Promise<void> {
  const clips = makeClips();
  const consumers = [
    { name: "frames()", args: ["--import", "tsx", fileURLToPath(import.meta.url), "--frames"] },
  ];
  if (existsSync(cli)) consumers.push({ name: "telltale detect", args: [cli, "detect"] });
  for (const { name, args } of consumers) {
    const short = await measure([...args, clips.short]);
    const long = await measure([...args, clips.long]);
    const ratio = (long.peakMiB / short.peakMiB).toFixed(2);
    console.log(`${name}: 10 s ${describe(short)}; 2 h ${describe(long)}; peak RSS ratio ${ratio}`);
  }
}

function describe({
  peakMiB,
  seconds,
  code,
}: {
  peakMiB: number;
  seconds: number;
  code: number | null;
}): string {
  return `${peakMiB.toFixed(0)} MiB in ${seconds.toFixed(1)} s (exit ${code})`;
}

/** A test pattern with a running clock, so that all frames differ; the long clip repeats it without re-encoding. */
function makeClips(): { readonly short: string; readonly long: string } {
  const [short, long] = [`${cacheFolder}/1080p-10s.mp4`, `${cacheFolder}/1080p-2h.mp4`];
  mkdirSync(cacheFolder, { recursive: true });
  const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-g", "250", "-pix_fmt", "yuv420p"];
  if (!existsSync(short)) runFfmpeg("-f", "lavfi", "-i", "testsrc=s=1920x1080:r=25:d=10", ...encoder, short);
  if (!existsSync(long)) runFfmpeg("-stream_loop", "719", "-i", short, "-c", "copy", long);
  console.log(`${short}: ${megabytes(short)} MB; ${long}: ${megabytes(long)} MB`);
  return { short, long };
}

function megabytes(path: string): string {
  return (statSync(path).size / 1e6).toFixed(1);
}

/** Runs node with `args` and measures its peak memory, without ffmpeg children. */
async function measure(args: readonly string[]) {
  const started = Date.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  let peakMiB = 0;
  const watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(child.pid));
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearInterval(watch);
  return { peakMiB, seconds: (Date.now() - started) / 1000, code };
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function readFrames(path: string): Promise<void> {
  for await (const frame of frames(await probe(path)))
    if (frame.data.length === 0) throw new Error("empty frame");
}
