import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";
import { writeOverlay } from "../../src/detection/overlay.ts";
import { decodeImage, frames, locateFfmpeg, probe } from "../../src/media/index.ts";
import { fixture } from "../cli/run-cli.ts";

let folder: string;
let detector: Detector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-overlay-"));
  detector = await openDetector({ backend: "wasm", frames: 5, workers: 1 });
});
afterAll(async () => {
  await detector.close();
  await rm(folder, { recursive: true });
});

async function streamsOf(path: string): Promise<{ type: string; codec: string; durationSec: number }[]> {
  const { ffprobePath } = await locateFfmpeg();
  const args = ["-v", "error", "-show_entries", "stream=codec_type,codec_name,duration", "-of", "json", path];
  const { streams } = JSON.parse(execFileSync(ffprobePath, args, { encoding: "utf8" })) as {
    streams: { codec_type: string; codec_name: string; duration: string }[];
  };
  return streams.map((s) => ({ type: s.codec_type, codec: s.codec_name, durationSec: Number(s.duration) }));
}

describe("writeOverlay", () => {
  test("writes a video that plays, as long as the original, with its sound", async () => {
    const path = join(folder, "marked.mp4");
    const detection = await detector.detect(fixture("authentic.mp4"), { hasEvidence: true });
    await writeOverlay(detection, path);
    const [video, audio] = await streamsOf(path);
    expect(video).toMatchObject({ type: "video", codec: "h264" });
    expect(video!.durationSec).toBeCloseTo(4, 1);
    expect(audio).toMatchObject({ type: "audio", codec: "aac" });
    expect(audio!.durationSec).toBeCloseTo(4, 1);
    expect((await probe(path)).frameCount).toBe((await probe(fixture("authentic.mp4"))).frameCount);
    expect(await readdir(folder)).toEqual(["marked.mp4"]);
  });

  test("draws where the face is, and leaves the rest as it was", async () => {
    const detection = await detector.detect(fixture("authentic.mp4"), { hasEvidence: true });
    const { timeSec, faces } = detection.frames[2]!;
    const [x, y] = faces[0]!.box.map(Math.round);
    const pixels = async (path: string) => {
      for await (const frame of frames(await probe(path), { fps: 25 })) {
        if (frame.timeSec >= timeSec) return frame;
      }
      throw new Error("no such frame");
    };
    const [before, after] = [
      await pixels(fixture("authentic.mp4")),
      await pixels(join(folder, "marked.mp4")),
    ];
    const gap = (column: number, row: number) => {
      const p = (row * before.width + column) * 3;
      return Math.max(...[0, 1, 2].map((c) => Math.abs(before.data[p + c]! - after.data[p + c]!)));
    };
    const side = [-2, -1, 0, 1, 2].flatMap((i) => [gap(x! + i, y! + 60), gap(x! + i, y! + 61)]);
    const corner = Math.max(...side);
    expect(corner).toBeGreaterThan(40);
    expect(gap(8, 8)).toBeLessThan(24);
  });

  test("a rotated clip comes out upright", async () => {
    const path = join(folder, "upright.mp4");
    await writeOverlay(await detector.detect(fixture("rotated.mp4")), path);
    expect(await probe(path)).toMatchObject({ width: 360, height: 480, rotationDeg: 0 });
  });

  test("a picture becomes a PNG of the same size, changed where the face is and nowhere else", async () => {
    const detection = await detector.detect(fixture("still.jpg"), { hasEvidence: true });
    // Fake all over: an authentic face has no heat of its own.
    const evidence = detection.evidence!.map((one) => ({
      ...one,
      faces: one.faces.map(
        (face) => face && { ...face, heat: { width: 1, height: 1, fake: Float32Array.of(1) } },
      ),
    }));
    const path = join(folder, "marked.png");
    await writeOverlay({ ...detection, evidence }, path);
    const [before, after] = [await decodeImage(fixture("still.jpg")), await decodeImage(path)];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    const [x, y, width, height] = detection.frames[0]!.faces[0]!.box;
    const isChanged = (column: number, row: number) => {
      const p = (Math.round(row) * before.width + Math.round(column)) * 3;
      return [0, 1, 2].some((c) => before.data[p + c] !== after.data[p + c]);
    };
    expect(isChanged(x + 1, y + height / 2)).toBe(true);
    expect(isChanged(x + width / 2, y + height / 2)).toBe(true);
    expect(isChanged(2, 2)).toBe(false);
  });

  test("an aborted one leaves nothing behind", async () => {
    const detection = await detector.detect(fixture("authentic.mp4"));
    const signal = AbortSignal.abort();
    const path = join(folder, "aborted.mp4");
    await expect(writeOverlay(detection, path, { signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect((await readdir(folder)).filter((name) => name.includes("aborted"))).toEqual([]);
  });
});
