import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runProcess } from "../../../src/media/ffmpeg-process.ts";
import { type Frame, type FrameOptions, frames, locateFfmpeg, probe } from "../../../src/media/index.ts";

/** A fixture's path. */
export const fixture = (name: string) => join("fixtures/media", name);

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "telltale-media-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a clip with the ffmpeg that is tested, be it from PATH or npm. */
export async function makeClip(...args: readonly string[]): Promise<void> {
  const { ffmpegPath } = await locateFfmpeg();
  const command = ["-v", "error", "-nostdin", "-y", ...args];
  const run = await runProcess({
    binaryPath: ffmpegPath,
    command,
    mediaPath: "clip",
    timeoutMs: 60_000,
    writesFile: true,
  });
  if (!run.succeeded) throw new Error(run.stderr);
}

/** Lossless H.264, quick to write. */
export const lossless = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"] as const;

/** lavfi: grey pictures of 64 x 48 whose luma, 20 to 218 in steps of two, counts the frames modulo 100. */
export const counting = (rate: number, seconds: number) =>
  `color=black:s=64x48:r=${rate}:d=${seconds},format=yuv420p,geq=lum='20+2*mod(N,100)':cb=128:cr=128`;

/** Luma that {@link counting} gave a frame, back from its RGB grey (BT.601, limited range). */
export const countOf = (frame: Frame) => Math.round((((frame.data[0] ?? 0) * 219) / 255 + 16 - 20) / 2);

/** All frames of a file. */
export async function readAll(path: string, options: FrameOptions = {}) {
  const stream = frames(await probe(path), options);
  const all: Frame[] = [];
  for await (const frame of stream) all.push(frame);
  return { stream, all, times: all.map((frame) => frame.timeSec) };
}

/** RGB of a pixel. */
export function pixel(frame: Frame, x: number, y: number): readonly number[] {
  const at = (y * frame.width + x) * 3;
  return [...frame.data.subarray(at, at + 3)];
}

/** Largest difference of a channel between two colours. */
export function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
}

/** The error that a promise ends in; fails the test where it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected an error but got ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
