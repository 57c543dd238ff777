/**
 * Makes fixtures/media and fixtures/provenance from fixtures/portrait.png (`npm run fixtures`). Needs ffmpeg 5 or later with x264 and
 * x265. fixtures/README.md describes each file.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { animate } from "./fixtures/animate.ts";
import { clipWindow, forgePortrait, portraitPath, recolourPortrait } from "./fixtures/portrait.ts";
import { makeProvenance } from "./fixtures/provenance.ts";
import { h264, runFfmpeg } from "./fixtures/run-ffmpeg.ts";

const folder = "fixtures/media";
const out = (name: string) => join(folder, name);
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), "telltale-fixtures-"));

try {
  const forged = join(work, "forged.png");
  const other = join(work, "other.png");
  writeFileSync(forged, await forgePortrait());
  writeFileSync(other, await recolourPortrait());
  makeClips({ forged, other });
  makeFormats();
  await makeImages(forged);
  makeUnreadable();
  await makeProvenance("fixtures/provenance");
} finally {
  rmSync(work, { recursive: true });
}

/** Clips with faces. */
function makeClips({ forged, other }: { forged: string; other: string }): void {
  const loop = (path: string, seconds: number) => [
    "-loop",
    "1",
    "-framerate",
    "25",
    "-t",
    String(seconds),
    "-i",
    path,
  ];
  const tone = (seconds: number) => ["-f", "lavfi", "-t", String(seconds), "-i", "sine=frequency=220"];
  const aac = ["-c:a", "aac", "-b:a", "48k", "-flags:a", "+bitexact"];
  const shot = { window: clipWindow, width: 640, height: 480, seed: 1 };

  runFfmpeg(
    ...loop(portraitPath, 4),
    ...tone(4),
    "-vf",
    animate(shot),
    ...h264,
    ...aac,
    out("authentic.mp4"),
  );
  runFfmpeg(...loop(forged, 4), ...tone(4), "-vf", animate(shot), ...h264, ...aac, out("forged.mp4"));

  // Stored rotated, with a display matrix, like an upright recording of a phone.
  const tall = { window: { left: 74, top: 0, width: 300, height: 400 }, width: 360, height: 480, seed: 3 };
  const onSide = `${animate(tall)},transpose=cclock`;
  const lying = join(work, "lying.mp4");
  runFfmpeg(...loop(portraitPath, 2), "-vf", onSide, ...h264, lying);
  // ffmpeg 5 writes the matrix only when it copies a stream.
  runFfmpeg("-i", lying, "-c", "copy", "-metadata:s:v:0", "rotate=270", out("rotated.mp4"));

  // 25 frames in the first second, 5 in the second, 10 in the third.
  const gaps = "select='lt(n,25)+between(n,25,49)*not(mod(n,5))+gte(n,50)*not(mod(n-50,5)*mod(n-53,5))'";
  const small = { ...shot, width: 320, height: 240 };
  const sparse = `${animate(small)},${gaps}`;
  runFfmpeg(...loop(portraitPath, 3), "-vf", sparse, "-fps_mode", "vfr", ...h264, out("vfr.mp4"));

  const near = { left: 74, top: 0, width: 300, height: 300 };
  const pair = [
    `[0:v]${animate({ window: near, width: 480, height: 480, seed: 1 })}[left]`,
    `[1:v]${animate({ window: { ...near, left: 138 }, width: 480, height: 480, seed: 5 })}[right]`,
    "[left][right]hstack",
  ].join(";");
  runFfmpeg(
    ...loop(portraitPath, 3),
    ...loop(other, 3),
    "-filter_complex",
    pair,
    ...h264,
    out("two-people.mp4"),
  );

  // The face is about 30 px wide: detected, but too small to score.
  const far = animate({
    window: { left: 0, top: 0, width: 512, height: 384 },
    width: 160,
    height: 120,
    seed: 2,
  });
  const padded = `${far},pad=320:240:80:60:color=0x607080`;
  runFfmpeg(...loop(portraitPath, 2), "-vf", padded, ...h264, out("small-face.mp4"));

  const sky =
    "gradients=s=480x270:r=25:d=2:c0=0x88aacc:c1=0x335522:x0=0:y0=0:x1=0:y1=269:speed=0.00001:seed=4";
  const rising = "[0:v][1:v]overlay=x='40+60*t':y='120-30*t',noise=alls=10:allf=t:all_seed=9";
  const sun = ["-f", "lavfi", "-i", "color=0xffee99:s=36x36:r=25:d=2"];
  runFfmpeg("-f", "lavfi", "-i", sky, ...sun, "-filter_complex", rising, ...h264, out("no-face.mp4"));

  const whole = join(work, "whole.mp4");
  runFfmpeg("-i", out("authentic.mp4"), "-an", "-c", "copy", "-movflags", "+faststart", whole);
  const bytes = readFileSync(whole);
  writeFileSync(out("truncated.mp4"), bytes.subarray(0, Math.round(bytes.length * 0.55)));

  runFfmpeg(...tone(2), ...aac, out("audio-only.m4a"));
}

/** Small clips in formats of cameras and editors. */
function makeFormats(): void {
  const x265 = [
    "-c:v",
    "libx265",
    "-preset",
    "medium",
    "-crf",
    "26",
    "-x265-params",
    "log-level=error",
    "-tag:v",
    "hvc1",
  ];
  const clip = ["-t", "1", "-i", out("authentic.mp4"), "-an"];
  runFfmpeg(...clip, "-vf", "scale=320:240", ...x265, "-pix_fmt", "yuv420p10le", out("hevc-10bit.mp4"));

  // White at 203 cd/m2 (BT.2408).
  const toPq =
    "scale=320:240,format=yuv444p,zscale=tin=bt709:pin=bt709:min=bt709:rin=limited:p=bt709:m=gbr:t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=smpte2084:m=bt2020nc:r=limited:npl=203,format=yuv420p10le";
  const tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
  runFfmpeg(...clip, "-vf", toPq, ...x265, ...tags, out("hdr-pq.mp4"));

  const full444 = ["-c:v", "libx264", "-preset", "slow", "-crf", "24", "-pix_fmt", "yuv444p"];
  runFfmpeg(...clip, "-vf", "scale=321:241", ...full444, out("odd-size-444.mp4"));

  // 4:3 pictures stored with non-square pixels in 240 x 240.
  runFfmpeg(...clip, "-vf", "scale=240:240,setsar=4/3", ...h264, out("anamorphic.mp4"));
  runFfmpeg(...clip, "-vf", "scale=160:120,fps=5", "-loop", "0", "-f", "gif", out("animated.gif"));
}

async function makeImages(forged: string): Promise<void> {
  const still = () => sharp(portraitPath).extract({ left: 74, top: 0, width: 300, height: 300 });
  await still().jpeg({ quality: 90 }).toFile(out("still.jpg"));
  await sharp(forged)
    .extract({ left: 74, top: 0, width: 300, height: 300 })
    .jpeg({ quality: 90 })
    .toFile(out("still-forged.jpg"));
  await still().resize(200).webp({ quality: 80 }).toFile(out("still.webp"));
  await still().resize(200).avif({ quality: 60 }).toFile(out("still.avif"));
  await still()
    .resize(200)
    .rotate(270)
    .jpeg({ quality: 85 })
    .withExif({})
    .withMetadata({ orientation: 6 })
    .toFile(out("exif-orientation-6.jpg"));
  const round = Buffer.from('<svg width="200" height="200"><circle cx="100" cy="100" r="98"/></svg>');
  const cutOut = still()
    .resize(200)
    .ensureAlpha()
    .composite([{ input: round, blend: "dest-in" }]);
  await cutOut.png({ palette: true, colours: 96 }).toFile(out("alpha.png"));
}

/** Files that are not what their names say. */
function makeUnreadable(): void {
  writeFileSync(out("empty.mp4"), "");
  writeFileSync(out("text.mp4"), "This is a text, whatever its name says.\n");
  const playlist =
    "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXTINF:1,\nfile:///etc/passwd\n";
  writeFileSync(out("playlist.mp4"), `${playlist}#EXT-X-ENDLIST\n`);
  writeFileSync(out("ffconcat.mp4"), "ffconcat version 1.0\nfile authentic.mp4\nfile /etc/passwd\n");
}
