// npm run bench: how long `telltale detect` takes on 60 s of 1080p, against ffmpeg decoding the same clip to nothing.
//
// Everything runs in one go on the same machine, whole processes, interleaved; the ratios are what counts.
//   npm run bench -- [--rounds N]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDetector } from "../../src/index.ts";
import { frames, locateFfmpeg, probe } from "../../src/media/index.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const clip = join(root, "cache/bench/portrait-1080p-60s.mp4");
const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const { ffmpegPath } = await locateFfmpeg();

if (!existsSync(clip)) makeClip();

const contenders: { name: string; run: () => void }[] = [
  {
    name: "ffmpeg decodes every frame to nothing",
    run: () => ffmpeg(["-i", clip, "-an", "-f", "null", "-"]),
  },
  { name: "detect, native TensorFlow", run: () => telltale(["--backend", "tensorflow"]) },
  { name: "detect, wasm, as many workers as by default", run: () => telltale(["--backend", "wasm"]) },
  { name: "detect, wasm, two workers", run: () => telltale(["--backend", "wasm", "--workers", "2"]) },
  { name: "detect, wasm, one worker", run: () => telltale(["--backend", "wasm", "--workers", "1"]) },
].filter(({ name }) => !name.includes("native") || hasNative());

const seconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { name, run } of contenders) {
    const began = performance.now();
    run();
    seconds.get(name)!.push((performance.now() - began) / 1000);
  }
}
const bare = median(seconds.get(contenders[0]!.name)!);
console.log(
  `60 s of 1080p at 30 frames/s (${clip.slice(root.length + 1)}), 32 frames scored, ${values.rounds} rounds`,
);
for (const { name } of contenders) {
  const all = seconds.get(name)!;
  const [low, mid, high] = [Math.min(...all), median(all), Math.max(...all)].map((s) => s.toFixed(2));
  console.log(
    `${name.padEnd(44)} ${mid} s (${low} to ${high})   ${(median(all) / bare).toFixed(2)} x bare decode`,
  );
}
if (!hasNative())
  console.log("detect, native TensorFlow: not measured, no binding is here (`npm run native` builds one)");

for (const backend of hasNative() ? (["tensorflow", "wasm"] as const) : (["wasm"] as const))
  await printStages(backend);

/** Where the time goes, measured inside of one process; scoring overlaps with decoding. */
async function printStages(backend: "tensorflow" | "wasm"): Promise<void> {
  let began = performance.now();
  const lap = () => {
    const now = performance.now();
    const ms = now - began;
    began = now;
    return ms;
  };
  const detector = await openDetector({ backend });
  const loadMs = lap();
  await detector.detect(join(root, "fixtures/media/still.jpg"));
  const firstMs = lap();
  const stillMs = { ...detector.spentMs };
  await detector.detect(clip);
  const detectMs = lap();
  await detector.close();
  lap();
  for await (const _ of frames(await probe(clip), { frames: 32 }));
  const decodeMs = lap();
  const find = (detector.spentMs.find - stillMs.find) / 32;
  const score = (detector.spentMs.score - stillMs.score) / 32;
  console.log(
    `${backend}: load ${loadMs.toFixed(0)} ms, first inference ${firstMs.toFixed(0)} ms, whole clip ${detectMs.toFixed(0)} ms; ` +
      `decoding alone ${decodeMs.toFixed(0)} ms, a frame: find faces ${find.toFixed(0)} ms, cut and score ${score.toFixed(0)} ms`,
  );
}

function telltale(flags: readonly string[]): void {
  const main = join(root, "dist/cli/main.js");
  try {
    execFileSync(process.execPath, [main, "detect", clip, "--quiet", ...flags], { stdio: "ignore" });
  } catch (error) {
    // 10 and 11 are verdicts.
    if (![10, 11].includes((error as { status: number }).status)) throw error;
  }
}

function ffmpeg(args: readonly string[]): void {
  execFileSync(ffmpegPath, ["-v", "error", "-nostdin", ...args], { stdio: "ignore" });
}

/** The fixtures' portrait, slowly panned in 1080p with sensor noise, so that decoding costs what real footage does. */
function makeClip(): void {
  mkdirSync(dirname(clip), { recursive: true });
  const portrait = join(root, "fixtures/portrait.png");
  const motion =
    "scale=2400:2400:flags=bicubic,crop=1920:1080:x='240+200*sin(t/5)':y='100+60*sin(t/3)',noise=alls=6:allf=t,format=yuv420p";
  const partial = clip.replace(".mp4", ".partial.mp4");
  ffmpeg([
    "-y",
    "-loop",
    "1",
    "-framerate",
    "30",
    "-t",
    "60",
    "-i",
    portrait,
    "-vf",
    motion,
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    "23",
    partial,
  ]);
  renameSync(partial, clip);
}

function hasNative(): boolean {
  try {
    execFileSync(
      process.execPath,
      [
        join(root, "dist/cli/main.js"),
        "detect",
        join(root, "fixtures/media/still.jpg"),
        "--quiet",
        "--backend",
        "tensorflow",
      ],
      { stdio: "ignore" },
    );
    return true;
  } catch (error) {
    return [10, 11].includes((error as { status: number }).status);
  }
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
}
