import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readGanData } from "../../../src/training/gan/gan-data.ts";
import { prepareImages } from "../../../src/training/gan/image-dataset.ts";
import { ImageLoader } from "../../../src/training/gan/image-loader.ts";
import { listMedia } from "../../../src/training/gan/media-list.ts";

const fixtures = resolve(import.meta.dirname, "../../../fixtures/media");
let folder: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-pictures-"));
  data = join(folder, "data");
  await mkdir(join(data, "clips"), { recursive: true });
  await copyFile(join(fixtures, "still.webp"), join(data, "portrait.webp"));
  await copyFile(join(fixtures, "authentic.mp4"), join(data, "clips/authentic.mp4"));
  await copyFile(join(fixtures, "empty.mp4"), join(data, "clips/empty.mp4"));
  await writeFile(join(data, "notes.txt"), "not media");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const spec = { margin: 1.3, sizePx: 32, framesPerVideo: 3 } as const;

describe("a folder of pictures and videos", () => {
  test("is listed by subfolder, without what is no media", async () => {
    const { items, indexPath } = await listMedia(data, []);
    expect(items.map(({ file, source, label }) => [file, source, label])).toEqual([
      ["clips/authentic.mp4", "clips", "real"],
      ["clips/empty.mp4", "clips", "real"],
      ["portrait.webp", "data", "real"],
    ]);
    expect(indexPath).toBeNull();
  });

  test("is listed without what a run, or a forger, has made in it", async () => {
    const own = join(folder, "own");
    for (const [sub, mark] of [
      ["runs/00000-style-64", "options.json"],
      ["fakes", "index.csv"],
    ] as const) {
      await mkdir(join(own, sub), { recursive: true });
      await writeFile(join(own, sub, mark), "");
      await copyFile(join(fixtures, "still.webp"), join(own, sub, "made.webp"));
    }
    await copyFile(join(fixtures, "still.webp"), join(own, "portrait.webp"));
    expect((await listMedia(own, [])).items.map(({ file }) => file)).toEqual(["portrait.webp"]);
  });

  test("does not take another folder's pictures for its own, nor those of a file that was replaced", async () => {
    const cacheFolder = join(folder, "cache-of-two");
    const firstPixel = async (data: string) => {
      const store = await prepareImages(
        await listMedia(data, []),
        { ...spec, crop: "whole" },
        { cacheFolder },
      );
      const bytes = await store.read([0]);
      await store.close();
      return bytes[0];
    };
    const index = "file,source,label,group\n0.png,studio,real,a\n";
    const paint = (path: string, grey: number) =>
      sharp({ create: { width: 32, height: 32, channels: 3, background: { r: grey, g: grey, b: grey } } })
        .png()
        .toFile(path);
    for (const [name, grey] of [
      ["x", 10],
      ["y", 200],
    ] as const) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "index.csv"), index);
      await paint(join(folder, name, "0.png"), grey);
    }
    expect(await firstPixel(join(folder, "x/index.csv"))).toBe(10);
    expect(await firstPixel(join(folder, "y/index.csv"))).toBe(200);
    await paint(join(folder, "y/0.png"), 90);
    expect(await firstPixel(join(folder, "y/index.csv"))).toBe(90);
  });

  test("keeps a video's frames on the side where train detector has them", async () => {
    const videos = join(folder, "videos");
    await mkdir(videos);
    await copyFile(join(fixtures, "authentic.mp4"), join(videos, "clip.mp4"));
    const options = { data: videos, sources: "", crop: "whole", margin: 1.3, resolution: 32 } as const;
    const { store } = await readGanData({
      ...options,
      ...{ framesPerVideo: 4, cache: join(folder, "cache"), classes: "none", holdOut: 25 },
    });
    expect(store.pictures.map(({ isVideo }) => isVideo)).toEqual([true, true, true, true]);
    await store.close();
  });

  test("gives the face of each picture and of some frames of each video, once", async () => {
    const list = await listMedia(data, []);
    const seen: unknown[] = [];
    const on = { onProgress: (p: unknown) => seen.push(p) };
    const options = { cacheFolder: join(folder, "cache"), on };
    const store = await prepareImages(list, { ...spec, crop: "face" }, options);
    expect(store.pictures.map(({ source }) => source)).toEqual(["clips", "clips", "clips", "data"]);
    expect(seen).toEqual([{ done: 3, total: 3, withoutFace: 0, unreadable: 1 }]);
    const again = await prepareImages(list, { ...spec, crop: "face" }, options);
    expect(seen).toHaveLength(1);
    expect(again.folder).toBe(store.folder);
    await Promise.all([store.close(), again.close()]);
  });

  test("whole pictures are the middle square", async () => {
    const stripes = join(folder, "stripes");
    await mkdir(stripes);
    const pixels = Uint8Array.from({ length: 32 * 64 * 3 }, (_, i) =>
      Math.floor(i / 3) % 64 < 16 ? 255 : 0,
    );
    await sharp(pixels, { raw: { width: 64, height: 32, channels: 3 } })
      .png()
      .toFile(join(stripes, "left.png"));
    const list = await listMedia(stripes, []);
    const store = await prepareImages(
      list,
      { ...spec, crop: "whole" },
      { cacheFolder: join(folder, "cache") },
    );
    const bytes = await store.read([0]);
    expect(Math.max(...bytes)).toBe(0);
    await store.close();
  });

  test("batches are the store's pixels in [-1, 1], half of them mirrored, the same at every time", async () => {
    const list = await listMedia(data, []);
    const store = await prepareImages(
      list,
      { ...spec, crop: "face" },
      { cacheFolder: join(folder, "cache") },
    );
    const take = async (isMirrored: boolean) => {
      const options = { store, chosen: [0, 1, 2, 3], seed: 1, batch: 4, isMirrored, threads: 1 };
      const loader = await ImageLoader.start(options);
      const batch = await loader.take(0);
      await loader.close();
      return batch;
    };
    const [plain, mirrored, again] = [await take(false), await take(true), await take(true)];
    const bytes = await store.read(plain.indices);
    expect(plain.pixels).toEqual(Float32Array.from(bytes, (value) => value / 127.5 - 1));
    expect(again.pixels).toEqual(mirrored.pixels);
    const turned = [0, 1, 2, 3].filter((i) => {
      const part = (pixels: Float32Array) => pixels.subarray(i * 3072, i * 3072 + 3);
      return part(plain.pixels).some((value, k) => value !== part(mirrored.pixels)[k]);
    });
    expect(turned.length).toBeGreaterThan(0);
    expect(turned.length).toBeLessThan(4);
    await store.close();
  });

  test("one picture is neither an index nor a folder", async () => {
    const path = join(data, "portrait.webp");
    await expect(listMedia(path, [])).rejects.toThrow(
      `Expected an index.csv or a folder, but ${path} is one picture or video; give its folder instead.`,
    );
  });

  test("sources that are not there are named beside those that are", async () => {
    await expect(listMedia(data, ["selfies"])).rejects.toThrow(
      `Expected authentic pictures or videos in ${data} from selfies, but there are none (its sources: clips, data).`,
    );
  });
});
