import { copyFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeImage, probe } from "../../src/media/index.ts";
import { inputUrl } from "../../src/media/input-guards.ts";
import { errorOf, fixture, readAll, temporaryFolder } from "./support/clips.ts";

const folder = temporaryFolder();
let server: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => server.close());

const target = () => `http://127.0.0.1:${port}/a.ts`;
const crafted: readonly [string, () => string][] = [
  ["an HLS playlist", () => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target()}\n#EXT-X-ENDLIST\n`],
  [
    "an HLS playlist of local files",
    () => "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
  ],
  ["an HLS key", () => `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${target()}"\n#EXTINF:1,\nclip.ts\n`],
  ["an ffconcat script", () => `ffconcat version 1.0\nfile '${target()}'\nfile /etc/passwd\n`],
  [
    "a DASH manifest",
    () =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>${target()}</BaseURL><SegmentList><SegmentURL media="a.ts"/></SegmentList></Representation></AdaptationSet></Period></MPD>`,
  ],
  [
    "an SDP description",
    () => `v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video ${port} RTP/AVP 96\n`,
  ],
  [
    "an SVG",
    () =>
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="${target()}" width="9" height="9"/></svg>`,
  ],
];

describe.each(crafted)("%s", (name, text) => {
  it.each(["mp4", "ts", "avi", "mkv", "jpg", "m3u8", "ffconcat"])(
    "called .%s is refused and reaches nothing",
    async (kind) => {
      const path = join(folder, `${name.replace(/\W+/g, "-")}.${kind}`);
      writeFileSync(path, text());
      const error = await errorOf(probe(path));
      expect(["NOT_MEDIA", "UNSUPPORTED_CONTAINER", "DECODE_FAILED"]).toContain(
        (error as { code: string }).code,
      );
      expect(await errorOf(decodeImage(path))).toMatchObject({ code: "NOT_MEDIA" });
      expect(connections).toBe(0);
    },
  );
});

describe("a file with a list of others", () => {
  it("is told apart from a damaged one", async () => {
    expect(await errorOf(probe(fixture("playlist.mp4")))).toMatchObject({
      code: "UNSUPPORTED_CONTAINER",
      message:
        "Expected a file with video of its own but fixtures/media/playlist.mp4 is a list that names other files (hls), which is never followed: give the video itself.",
    });
    expect(await errorOf(probe(fixture("ffconcat.mp4")))).toMatchObject({
      code: "UNSUPPORTED_CONTAINER",
      message:
        "Expected a file with video of its own but fixtures/media/ffconcat.mp4 is a list that names other files (concat), which is never followed: give the video itself.",
    });
  });
});

describe("a file's name is only a name", () => {
  const names = [
    "-i.mp4",
    "-f lavfi.mp4",
    "http:clip.mp4",
    "concat:a|b.mp4",
    "50%d%03d.mp4",
    "it's; $(a) `clip`.mp4",
    "ünï ☃ 顔.mp4",
    "two\nlines.mp4",
    "clip[page=1].mp4",
    "no-extension",
    "clip.m3u8",
  ];

  it.each(names)("%j, of a video", async (name) => {
    const path = join(folder, name);
    copyFileSync(fixture("anamorphic.mp4"), path);
    const { times } = await readAll(path, { frames: 2 });
    expect(times).toEqual([0.24, 0.72]);
  });

  it.each(["-i.jpg", "photo.jpg[page=1]", "50%d.jpg", "http:photo.jpg"])("%j, of an image", async (name) => {
    const path = join(folder, name);
    copyFileSync(fixture("still.jpg"), path);
    expect(await decodeImage(path)).toMatchObject({ width: 300, height: 300, warnings: [] });
  });

  it("even where it begins with a dash", () => {
    expect(inputUrl("-i.mp4")).toBe(`file:${process.cwd()}/-i.mp4`);
  });
});
