import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { frames, liveChildren, type MediaInfo, probe } from "../../src/media/index.ts";
import { errorOf, fixture, makeClip, temporaryFolder } from "./support/clips.ts";
import { ffmpegChildren, isRunning } from "./support/processes.ts";

const folder = temporaryFolder();
const long = join(folder, "long.mp4");
const large = join(folder, "large.mp4");
let longInfo: MediaInfo;
let largeInfo: MediaInfo;

beforeAll(async () => {
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
  await makeClip("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=80", ...encoder, long);
  await makeClip("-f", "lavfi", "-i", "testsrc=s=1920x1080:r=25:d=6", ...encoder, large);
  longInfo = await probe(long);
  largeInfo = await probe(large);
});

async function* readSlowly(info: MediaInfo, signal?: AbortSignal) {
  yield* frames(info, signal ? { fps: 25, signal } : { fps: 25 });
}

describe("no ffmpeg is left", () => {
  it("after the loop is left early", async () => {
    let pids: readonly number[] = [];
    for await (const _ of frames(largeInfo, { fps: 25 })) {
      pids = liveChildren();
      break;
    }
    expect(pids).toHaveLength(1);
    expect(liveChildren()).toEqual([]);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(ffmpegChildren()).toEqual([]);
  });

  it("after the loop is left early while several seek", async () => {
    for await (const _ of frames(longInfo, { frames: 8 })) break;
    expect(liveChildren()).toEqual([]);
    expect(ffmpegChildren()).toEqual([]);
  });

  it("after the loop throws", async () => {
    const reading = (async () => {
      for await (const _ of frames(largeInfo, { fps: 25 })) throw new Error("mine");
    })();
    expect(await errorOf(reading)).toMatchObject({ message: "mine" });
    expect(ffmpegChildren()).toEqual([]);
  });

  it("after the signal is aborted between two frames, and the loop throws ABORTED", async () => {
    const stop = new AbortController();
    let count = 0;
    const reading = (async () => {
      for await (const _ of readSlowly(largeInfo, stop.signal)) if (++count === 3) stop.abort();
    })();
    expect(await errorOf(reading)).toMatchObject({
      code: "ABORTED",
      message: `Reading ${large} was stopped before its end.`,
    });
    expect(count).toBeLessThan(10);
    expect(liveChildren()).toEqual([]);
    expect(ffmpegChildren()).toEqual([]);
  });

  it("after the signal is aborted while several seek", async () => {
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of frames(longInfo, { frames: 8, signal: stop.signal })) stop.abort();
    })();
    expect(await errorOf(reading)).toMatchObject({ code: "ABORTED" });
    expect(ffmpegChildren()).toEqual([]);
  });

  it("when the signal was aborted before", async () => {
    const stream = frames(largeInfo, { signal: AbortSignal.abort() });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    expect(await errorOf(reading)).toMatchObject({ code: "ABORTED" });
    expect(ffmpegChildren()).toEqual([]);
  });

  it("nor a listener of ours on the process", async () => {
    const before = process.listenerCount("SIGINT");
    for await (const _ of frames(largeInfo, { frames: 2 }))
      expect(process.listenerCount("SIGINT")).toBe(before + 1);
    expect(process.listenerCount("SIGINT")).toBe(before);
    expect(process.listenerCount("exit")).toBeLessThan(10);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("after the program gets %s", async (signal) => {
    const program = spawn(process.execPath, ["--import", "tsx", "test/media/support/read-slowly.ts", large], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(program.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    program.kill(signal);
    const [code, killedBy] = await once(program, "exit");
    expect([code, killedBy]).toEqual([null, signal]);
    // An orphan is reaped by init, not by us.
    for (let i = 0; i < 50 && isRunning(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isRunning(pid)).toBe(false);
  });
});

describe("a decoder that hangs", () => {
  it("is stopped, and the loop throws DECODE_TIMEOUT", async () => {
    const reading = (async () => {
      for await (const frame of frames(largeInfo, { fps: 25, timeoutMs: 400 })) {
        if (frame.index === 0) process.kill(liveChildren()[0] ?? 0, "SIGSTOP");
      }
    })();
    expect(await errorOf(reading)).toMatchObject({
      code: "DECODE_TIMEOUT",
      message: `Expected ffmpeg to continue reading ${large}, but it gave no output for 0.4 s: the file is damaged, or the disk or the machine is too busy. Try again.`,
    });
    expect(liveChildren()).toEqual([]);
  });

  it("is not one whose frames are read slowly", async () => {
    let count = 0;
    for await (const _ of frames(largeInfo, { frames: 4, timeoutMs: 1500 })) {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      count++;
    }
    expect(count).toBe(4);
  });
});

describe("backpressure", () => {
  it("keeps the memory of a slow reader small, and the decoder waiting", async () => {
    let first = 0;
    let highest = 0;
    let count = 0;
    for await (const frame of frames(largeInfo, { fps: 25 })) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (frame.index === 15) first = process.memoryUsage().rss;
      highest = Math.max(highest, process.memoryUsage().rss);
      count++;
    }
    expect(count).toBe(150);
    // 135 frames of 6 MB passed by: 840 MB.
    expect((highest - first) / 2 ** 20).toBeLessThan(250);
  });

  it("starts nothing before the first frame is asked for", async () => {
    frames(await probe(fixture("authentic.mp4")));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(liveChildren()).toEqual([]);
  });
});
