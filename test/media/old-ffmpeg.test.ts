import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { locateFfmpeg } from "../../src/media/index.ts";
import { fixture, readAll } from "./support/clips.ts";

const require = createRequire(import.meta.url);
const npmPath = (tool: string) => {
  try {
    return (require(`@${tool}-installer/${tool}`) as { path: string }).path;
  } catch {
    return undefined;
  }
};
const [ffmpegPath, ffprobePath] = [npmPath("ffmpeg"), npmPath("ffprobe")];

describe.skipIf(!ffmpegPath || !ffprobePath)(
  "the builds from npm (2018), skipped where they are not installed,",
  () => {
    it("give the frames that a modern ffmpeg gives", async () => {
      process.env.TELLTALE_FFMPEG = ffmpegPath;
      process.env.TELLTALE_FFPROBE = ffprobePath;
      expect(await locateFfmpeg()).toMatchObject({ source: "env", isOld: true });
      const shape = async (name: string) => {
        const { all, stream } = await readAll(fixture(name), { frames: 3 });
        return [
          ...all.map(({ timeSec, width, height }) => [timeSec, width, height].join(" ")),
          ...stream.warnings,
        ];
      };
      expect(await shape("authentic.mp4")).toEqual(["0.64 640 480", "1.96 640 480", "3.32 640 480"]);
      expect(await shape("rotated.mp4")).toEqual(["0.32 360 480", "0.96 360 480", "1.64 360 480"]);
      expect(await shape("vfr.mp4")).toEqual(["0.44 320 240", "1.6 320 240", "2.4 320 240"]);
      expect(await shape("hdr-pq.mp4")).toEqual(["0.16 320 240", "0.48 320 240", "0.8 320 240"]);
      expect(await shape("odd-size-444.mp4")).toEqual(["0.16 321 241", "0.48 321 241", "0.8 321 241"]);
      expect(await shape("anamorphic.mp4")).toEqual(["0.16 320 240", "0.48 320 240", "0.8 320 240"]);
      expect(await shape("animated.gif")).toEqual(["0 160 120", "0.4 160 120", "0.8 160 120"]);
    });
  },
);
