import sharp, { type Sharp } from "sharp";
import type { Random } from "../engine/index.ts";
import { sampleSquare } from "../faces/index.ts";
import { gaussianBlur } from "./gaussian-blur.ts";

/** Fraction of the pictures that are not degraded. */
const UNTOUCHED_SHARE = 0.5;

/** Draws whether a picture is degraded. */
export function isDegraded(random: Random): boolean {
  return !random.chance(UNTOUCHED_SHARE);
}

/**
 * Random degradations of phones and networks: colour, resolution, blur, noise, JPEG and WebP. WebP is lossy VP8, which is
 * similar to H.264 key frames.
 *
 * Applied to reals and fakes alike, so that quality does not reveal the label. One in thirty pictures stays unchanged by
 * chance.
 *
 * @param data RGB uint8 [size, size, 3] at the resolution of the picture; not changed
 */
export async function degrade(data: Uint8Array, size: number, random: Random): Promise<Uint8Array> {
  let picture = data;
  if (random.chance(0.5)) picture = recolour(picture, random);
  if (random.chance(0.15)) picture = toGrey(picture);
  if (random.chance(0.5)) picture = resizeAndBack(picture, size, Math.round(random.between(0.3, 1.2) * size));
  if (random.chance(0.3)) picture = blur(picture, size, random.between(0.3, 1.6));
  if (random.chance(0.2)) picture = addNoise(picture, random.between(1, 8), random);
  if (random.chance(0.6)) picture = await jpeg(picture, size, random);
  if (random.chance(0.3)) picture = await webp(picture, size, random);
  return picture;
}

function recolour(data: Uint8Array, random: Random): Uint8Array {
  const gain = [0, 1, 2].map(() => random.between(0.88, 1.12));
  const contrast = random.between(0.8, 1.2);
  const brightness = random.between(-25, 25);
  const saturation = random.between(0.6, 1.3);
  const out = new Uint8ClampedArray(data.length);
  for (let p = 0; p < data.length; p += 3) {
    const luma = 0.299 * data[p]! + 0.587 * data[p + 1]! + 0.114 * data[p + 2]!;
    for (let c = 0; c < 3; c++) {
      const value = (luma + saturation * (data[p + c]! - luma)) * gain[c]!;
      out[p + c] = (value - 128) * contrast + 128 + brightness;
    }
  }
  return new Uint8Array(out.buffer);
}

/** Rec. 601 luma in all three channels. */
function toGrey(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let p = 0; p < data.length; p += 3) {
    out.fill(0.299 * data[p]! + 0.587 * data[p + 1]! + 0.114 * data[p + 2]! + 0.5, p, p + 3);
  }
  return out;
}

function resizeAndBack(data: Uint8Array, size: number, other: number): Uint8Array {
  const whole = (side: number) => ({ centreX: side / 2, centreY: side / 2, side });
  const resized = sampleSquare({ data, width: size, height: size }, whole(size), other, "edge");
  return sampleSquare({ data: resized, width: other, height: other }, whole(other), size, "edge");
}

function blur(data: Uint8Array, size: number, sigma: number): Uint8Array {
  const soft = gaussianBlur(new Float32Array(data), { width: size, height: size, channels: 3 }, sigma);
  // `Uint8Array.from` with a function takes ten times as long as this loop.
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = soft[i]! + 0.5;
  return out;
}

/** Uniform-sum approximation of normal noise (Irwin-Hall of 4): a tenth of the cost of exact normals. */
function addNoise(data: Uint8Array, deviation: number, random: Random): Uint8Array {
  const out = new Uint8ClampedArray(data.length);
  const scale = deviation * Math.sqrt(3);
  for (let i = 0; i < data.length; i++) {
    const sum = random.uniform() + random.uniform() + random.uniform() + random.uniform();
    out[i] = data[i]! + (sum - 2) * scale;
  }
  return new Uint8Array(out.buffer);
}

async function jpeg(data: Uint8Array, size: number, random: Random): Promise<Uint8Array> {
  const options = {
    quality: Math.round(random.between(35, 95)),
    chromaSubsampling: random.chance(0.7) ? "4:2:0" : "4:4:4",
  };
  return recompressed(data, size, (picture) => picture.jpeg(options));
}

/**
 * Imitates strong video compression (intra prediction, 4 x 4 transforms, deblocking) in a twentieth of the time of an ffmpeg
 * process. Quality 50 to 5 corresponds to CRF 23 to 32 of H.264 (33.7 to 28.2 dB and 33.6 to 28 dB on portraits of 256 px).
 */
async function webp(data: Uint8Array, size: number, random: Random): Promise<Uint8Array> {
  const quality = Math.round(random.between(1, 70));
  return recompressed(data, size, (picture) => picture.webp({ quality, effort: 0 }));
}

async function recompressed(
  data: Uint8Array,
  size: number,
  encode: (picture: Sharp) => Sharp,
): Promise<Uint8Array> {
  const encoded = await encode(sharp(data, { raw: { width: size, height: size, channels: 3 } })).toBuffer();
  return new Uint8Array(await sharp(encoded).raw().toBuffer());
}
