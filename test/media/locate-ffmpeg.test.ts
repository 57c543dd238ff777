import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { locateFfmpeg } from "../../src/media/index.ts";
import { errorOf, temporaryFolder } from "./support/clips.ts";

const require = createRequire(import.meta.url);
const folder = temporaryFolder();

const npmPath = (tool: string) => {
  try {
    return (require(`@${tool}-installer/${tool}`) as { path: string }).path;
  } catch {
    return null;
  }
};
const npmFfmpeg = npmPath("ffmpeg");
const hasNpm = npmFfmpeg !== null && npmPath("ffprobe") !== null;

describe("locateFfmpeg", () => {
  it.skipIf(!hasNpm)("falls back on the builds from npm, and says that they are old", async () => {
    expect(await locateFfmpeg({ PATH: folder })).toEqual({
      ffmpegPath: npmFfmpeg,
      ffprobePath: npmPath("ffprobe"),
      version: expect.any(String),
      source: "npm",
      libavutil: expect.any(Number),
      isOld: true,
      hasFpsMode: false,
      hasAutoscale: false,
      hasZscale: expect.any(Boolean),
    });
  });

  it.skipIf(!hasNpm)("takes the newer of an old ffmpeg on PATH and the build from npm", async () => {
    const onPath = (name: string, libavutil: string) => {
      const place = join(folder, name);
      mkdirSync(place);
      for (const tool of ["ffmpeg", "ffprobe"]) {
        const banner = `${tool} version ${name}\nlibavutil      ${libavutil} / ${libavutil}`;
        writeFileSync(join(place, tool), `#!/bin/sh\ncat <<'END'\n${banner}\nEND\n`, { mode: 0o755 });
      }
      return locateFfmpeg({ PATH: `${place}:${process.env.PATH?.includes("/bin") ? "/bin" : ""}` });
    };
    // As Ubuntu 22.04 and Ubuntu 16.04 have them.
    expect(await onPath("4.4.2", "56. 70.100")).toMatchObject({
      source: "path",
      version: "4.4.2",
      isOld: true,
    });
    expect(await onPath("2.8.17", "54. 31.100")).toMatchObject({ source: "npm" });
  });

  it.skipIf(!hasNpm)("sets the x bit of the npm build where npm left it off", async () => {
    const mode = statSync(npmFfmpeg as string).mode;
    chmodSync(npmFfmpeg as string, 0o644);
    try {
      expect(await locateFfmpeg({ PATH: join(folder, "nothing") })).toMatchObject({ source: "npm" });
      expect(statSync(npmFfmpeg as string).mode & 0o111).toBe(0o111);
    } finally {
      chmodSync(npmFfmpeg as string, mode);
    }
  });

  it.skipIf(!hasNpm)("takes TELLTALE_FFMPEG before all, with the ffprobe beside it", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    symlinkSync(npmFfmpeg as string, join(own, "ffmpeg"));
    symlinkSync(npmPath("ffprobe") as string, join(own, "ffprobe"));
    const found = await locateFfmpeg({
      ...process.env,
      TELLTALE_FFMPEG: join(own, "ffmpeg"),
      TELLTALE_FFPROBE: "",
    });
    expect(found).toMatchObject({
      ffmpegPath: join(own, "ffmpeg"),
      ffprobePath: join(own, "ffprobe"),
      source: "env",
    });
  });

  it("refuses a TELLTALE_FFMPEG that does not run, and does not look further", async () => {
    const path = join(folder, "broken");
    writeFileSync(path, "not a program");
    chmodSync(path, 0o755);
    expect(await errorOf(locateFfmpeg({ ...process.env, TELLTALE_FFMPEG: path }))).toMatchObject({
      code: "FFMPEG_MISSING",
      message: `Expected a working ffmpeg at ${path} but it did not run: install ffmpeg 5 or later, or point TELLTALE_FFMPEG and TELLTALE_FFPROBE at one.`,
    });
    expect(await errorOf(locateFfmpeg({ TELLTALE_FFMPEG: join(folder, "nowhere") }))).toMatchObject({
      code: "FFMPEG_MISSING",
    });
  });

  it("asks a place once", async () => {
    expect(await locateFfmpeg()).toBe(await locateFfmpeg());
  });
});
