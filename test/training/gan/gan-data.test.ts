import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { networkOf, readGanData, splitCounts } from "../../../src/training/gan/gan-data.ts";
import { resolveGanOptions, trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { describeSplit } from "../../../src/training/gan/split-counts.ts";

/** Of the pictures, in the index's order; the forged one is no picture of a GAN, and its class no class. */
const rows = [
  ["0.png", "studio", "real", "smiling"],
  ["1.png", "archive", "real", ""],
  ["2.png", "forger", "fake", "winking"],
  ["3.png", "studio", "real", "glasses"],
  ["4.png", "archive", "real", "smiling"],
  ["5.png", "studio", "real", "smiling"],
  ["6.png", "studio", "real", "beard"],
] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-gan-data-"));
  await mkdir(join(folder, "data"));
  for (const [i, [file]] of rows.entries()) {
    const background = { r: 40 * i, g: 10, b: 200 };
    await sharp({ create: { width: 20, height: 16, channels: 3, background } })
      .png()
      .toFile(join(folder, "data", file));
  }
  const lines = rows.map(
    ([file, source, label, attributes], i) => `${file},${source},${label},person-${i},${attributes}`,
  );
  await writeFile(
    join(folder, "data/index.csv"),
    ["file,source,label,group,attributes", ...lines, ""].join("\n"),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const optionsOf = (extra: object) =>
  trainGanOptionsSchema.parse({
    ...{ data: join(folder, "data/index.csv"), out: "-", cache: join(folder, "cache") },
    ...{ resolution: 16, crop: "whole", ...extra },
  });

const read = async (extra: object) => {
  const data = await readGanData(optionsOf(extra));
  await data.store.close();
  return data;
};

describe("classes of an index", () => {
  test("source: each picture's label is its source's place among the sorted sources of the reals", async () => {
    const { store, labels, classNames, sources } = await read({ classes: "source" });
    expect(store.pictures.map(({ group }) => group.slice(-1)).join("")).toBe("013456");
    expect(classNames).toEqual(["archive", "studio"]);
    expect(labels).toEqual([1, 0, 1, 0, 1, 1]);
    expect(sources).toEqual(["archive", "studio"]);
  });

  test("attributes: each value of the column is a class, what is empty too", async () => {
    const { labels, classNames } = await read({ classes: "attributes" });
    expect(classNames).toEqual(["", "beard", "glasses", "smiling"]);
    expect(labels).toEqual([3, 0, 2, 3, 3, 1]);
  });

  test("one attribute by its name; of pictures that have none, the class is empty", async () => {
    const path = join(folder, "data/people.csv");
    const people = ["gender=female;age=30", "age=41;gender=male", "age=20", "gender=female"];
    const lines = people.map((text, i) => `${rows[i]![0]},studio,real,person-${i},${text}`);
    await writeFile(path, ["file,source,label,group,attributes", ...lines, ""].join("\n"));
    const { labels, classNames } = await read({ data: path, classes: "gender" });
    expect([classNames, labels]).toEqual([
      ["", "female", "male"],
      [1, 2, 0, 1],
    ]);
    await expect(read({ data: path, classes: "hair" })).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: "Expected more than one class by --classes hair but received images without it.",
    });
  });

  test("none: no picture has a label", async () => {
    const { labels, classNames, train } = await read({ classes: "none" });
    expect([labels, classNames]).toEqual([[], []]);
    expect(train).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("are those of the sources that are asked for", async () => {
    const { labels, classNames } = await read({ classes: "attributes", sources: "studio" });
    expect(classNames).toEqual(["beard", "glasses", "smiling"]);
    expect(labels).toEqual([2, 1, 2, 0]);
  });

  test("are what a `big` network is conditioned on, and no other", async () => {
    const data = await read({ classes: "attributes" });
    const classesOf = (extra: object) => networkOf(resolveGanOptions(optionsOf(extra)), data).classes;
    expect(classesOf({ classes: "attributes", arch: "big" })).toBe(4);
    expect(classesOf({ arch: "style" })).toBe(0);
  });
});

describe("splits", () => {
  let data: string;
  beforeAll(async () => {
    data = join(folder, "many/index.csv");
    await mkdir(join(folder, "many"));
    const png = await sharp({ create: { width: 16, height: 16, channels: 3, background: "#aab" } })
      .png()
      .toBuffer();
    const names = Array.from({ length: 240 }, (_, i) => `${i}.png`);
    for (const name of names) await writeFile(join(folder, "many", name), png);
    const lines = names.map((name, i) => `${name},studio,real,person-${i},`);
    await writeFile(data, ["file,source,label,group,attributes", ...lines, ""].join("\n"));
  });

  test("every picture is on one side, and the counts say so", async () => {
    const given = await read({ data });
    const { pictures, train, validation, test: left } = splitCounts(given);
    expect([pictures, train + validation + left]).toEqual([240, 240]);
    expect([train, validation]).toEqual([given.train.length, given.heldOut.length]);
    expect(train).toBeLessThan(200);
    expect(Math.min(validation, left)).toBeGreaterThan(10);
    const said = describeSplit(splitCounts(given));
    for (const count of [pictures, train, validation, left]) expect(said).toContain(`${count}`);
  });

  test("--hold-out 0 trains on all; a smaller share holds fewer out", async () => {
    const none = await read({ data, holdOut: 0 });
    expect([none.train.length, none.heldOut, splitCounts(none).test]).toEqual([240, [], 0]);
    const few = await read({ data, holdOut: 10 });
    expect(few.train.length).toBeGreaterThan((await read({ data })).train.length);
    expect(few.train.length).toBeLessThan(240);
  });
});
