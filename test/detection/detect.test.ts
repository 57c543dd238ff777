import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Detector, detect, openDetector, TelltaleError } from "../../src/index.ts";
import { liveChildren } from "../../src/media/index.ts";
import { defaultModelDir } from "../../src/networks/index.ts";
import { makeClip, temporaryFolder } from "../media/support/clips.ts";

const folder = temporaryFolder();
const fixture = (name: string) => resolve(import.meta.dirname, "../../fixtures/media", name);

let detector: Detector;
beforeAll(async () => {
  detector = await openDetector({ frames: 6, backend: "wasm", workers: 1 });
});
afterAll(() => detector.close());

describe("a detector", () => {
  test("records its options with every default filled in", () => {
    expect(detector.options).toEqual({
      frames: 6,
      fps: null,
      model: defaultModelDir,
      backend: "wasm",
      workers: 1,
      stability: false,
      provenance: true,
    });
  });

  test("tells of each frame as it is scored, in order", async () => {
    const seen: [number, number | null, number][] = [];
    const detection = await detector.detect(fixture("authentic.mp4"), {
      onFrame: ({ done, total, frame }) => seen.push([done, total, frame.index]),
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5].map((index) => [index + 1, 6, index]));
    expect(detection.frames.map((frame) => frame.index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(detection.tracks.map(({ id, frames, lasts }) => ({ id, frames, lasts }))).toEqual([
      { id: 1, frames: 6, lasts: true },
    ]);
  });

  test("gives the same result for the same file, also when several are under way", async () => {
    const names = ["authentic.mp4", "still.jpg", "authentic.mp4"];
    const [first, still, second] = await Promise.all(names.map((name) => detector.detect(fixture(name))));
    expect(second).toEqual(first);
    expect(still!.file.kind).toBe("image");
    expect(still!.verdict === "inconclusive" ? still!.reason : null).not.toBe("too-few-frames");
  });

  test("does not call a clip authentic that was compressed until no trace need be left", async () => {
    const path = join(folder, "passed-on.mp4");
    const strongly = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "34", "-an", path];
    await makeClip("-i", fixture("authentic.mp4"), ...strongly);
    const { verdict, reason, authenticity, threshold, warnings } = await detector.detect(path);
    expect(authenticity).toBeGreaterThan(threshold.authenticAbove);
    expect([verdict, reason]).toEqual(["inconclusive", "too-compressed"]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /passed-on\.mp4 has 0\.00\d+ bits per pixel \(h264\); below 0\.0125, compression often removes the traces of a forgery\.$/,
      ),
    ]);
    expect(await detector.detect(fixture("authentic.mp4"))).toMatchObject({
      verdict: "authentic",
      warnings: [],
    });
  });

  test("an aborted detection rejects with ABORTED and leaves no ffmpeg", async () => {
    const controller = new AbortController();
    const aborted = detector.detect(fixture("authentic.mp4"), {
      signal: controller.signal,
      onFrame: () => controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({
      name: "TelltaleError",
      code: "ABORTED",
      message: "The detection was aborted.",
    });
    await vi.waitFor(() => expect(liveChildren()).toEqual([]));
    const after = await detector.detect(fixture("still.jpg"));
    expect(after.coverage.framesScored).toBe(1);
  });

  test("a file that cannot be read rejects with its code, and the detector goes on", async () => {
    await expect(detector.detect(fixture("gone.mp4"))).rejects.toMatchObject({ code: "FILE_MISSING" });
    await expect(detector.detect(fixture("empty.mp4"))).rejects.toMatchObject({ code: "FILE_EMPTY" });
    const after = await detector.detect(fixture("still.jpg"));
    expect(after.coverage.framesScored).toBe(1);
  });
});

describe("detect", () => {
  test("judges one file by itself", async () => {
    const detection = await detect(fixture("still.jpg"), { backend: "wasm", workers: 1 });
    expect(detection.backend.name).toBe("wasm");
    expect(detection.coverage).toEqual({
      framesSampled: 1,
      framesWithFace: 1,
      framesScored: 1,
      framesFailed: 0,
      notAnalyzed: [],
      parts: [],
    });
  });

  test("refuses an option that it does not know, naming the nearest", async () => {
    const refused = detect(fixture("still.jpg"), { frame: 3 } as object);
    await expect(refused).rejects.toThrow(TelltaleError);
    await expect(refused).rejects.toMatchObject({
      code: "USAGE",
      message: "Expected a known option but received frame; the nearest one is frames.",
    });
  });
});

describe("the frames of a detector", () => {
  test("come as they are scored, in order, and leaving the loop stops", async () => {
    const seen: number[] = [];
    for await (const { done, total, frame } of detector.frames(fixture("authentic.mp4"))) {
      expect({ total, faces: frame.faces.length }).toEqual({ total: 6, faces: 1 });
      seen.push(done);
      if (done === 2) break;
    }
    expect(seen).toEqual([1, 2]);
    await vi.waitFor(() => expect(liveChildren()).toEqual([]));
  });

  test("stop with ABORTED when the signal says so", async () => {
    const controller = new AbortController();
    const watch = async () => {
      for await (const _ of detector.frames(fixture("authentic.mp4"), controller)) controller.abort();
    };
    await expect(watch()).rejects.toMatchObject({ code: "ABORTED", message: "The detection was aborted." });
  });
});
