import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProcess } from "../../src/media/ffmpeg-process.ts";
import { locateFfmpeg } from "../../src/media/index.ts";
import { withLimits } from "../../src/media/process-limits.ts";
import { fixture, temporaryFolder } from "./support/clips.ts";

const folder = temporaryFolder();

async function ffmpeg(writesFile: boolean, ...args: readonly string[]) {
  const { ffmpegPath } = await locateFfmpeg();
  const command = ["-v", "error", "-nostdin", ...args];
  return runProcess({ binaryPath: ffmpegPath, command, mediaPath: "clip", timeoutMs: 60_000, writesFile });
}

describe.skipIf(process.platform === "win32")("a process that reads a stranger's file", () => {
  it("can write none", async () => {
    const copy = join(folder, "copy.mp4");
    const args = ["-i", fixture("forged.mp4"), "-c", "copy", copy];
    expect((await ffmpeg(false, ...args)).succeeded).toBe(false);
    expect((await ffmpeg(true, "-y", ...args)).succeeded).toBe(true);
    expect(existsSync(copy)).toBe(true);
  });

  it("gets no more than 4 GiB of address space, 64 files and no core dump", async () => {
    const { binaryPath, args } = withLimits(
      { binaryPath: "/bin/sh", args: ["-c", "ulimit -v; ulimit -n; ulimit -c; ulimit -f"] },
      { writesFile: false },
    );
    const { stdout } = await runProcess({ binaryPath, command: args, mediaPath: "none", timeoutMs: 60_000 });
    expect(stdout.split("\n")).toEqual(["4194304", "64", "0", "0", ""]);
  });

  it("sees every argument as it was given", async () => {
    const odd = ["a b", "$(id)", "'", '"', "", "-n", "*"];
    const { binaryPath, args } = withLimits(
      { binaryPath: "/usr/bin/env", args: ["printf", "%s\\n", ...odd] },
      { writesFile: false },
    );
    const { stdout } = await runProcess({ binaryPath, command: args, mediaPath: "none", timeoutMs: 60_000 });
    expect(stdout).toBe(odd.map((word) => `${word}\n`).join(""));
  });
});
