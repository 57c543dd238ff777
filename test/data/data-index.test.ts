import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseAttributes, readDataIndex, type Split, splitOf } from "../../src/data/data-index.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-index-"));
const folder = join(temporary, "street");
mkdirSync(folder);
afterAll(() => rmSync(temporary, { recursive: true }));
let count = 0;

function indexOf(...lines: string[]): string {
  const path = join(folder, `index-${count++}.csv`);
  writeFileSync(path, lines.join("\n"));
  return path;
}

describe("readDataIndex", () => {
  test("reads all columns, and paths from the index's folder", async () => {
    const path = indexOf(
      "file,source,label,generator,group,attributes,crop",
      "a/b.png,studio,fake,swap,g1,age=30,crop=256:256:0:0",
      "/elsewhere/c.png,studio,real,,g2,,",
    );
    expect(await readDataIndex(path)).toEqual([
      {
        file: "a/b.png",
        path: join(folder, "a/b.png"),
        source: "studio",
        label: "fake",
        generator: "swap",
        isVideo: false,
        group: "g1",
        attributes: "age=30",
        crop: "crop=256:256:0:0",
      },
      {
        file: "/elsewhere/c.png",
        path: "/elsewhere/c.png",
        source: "studio",
        label: "real",
        generator: "none",
        isVideo: false,
        group: "g2",
        attributes: "",
        crop: "",
      },
    ]);
  });

  test("file, label and group are enough: the folder is the source", async () => {
    const [item] = await readDataIndex(indexOf("group,label,file", "g1,real,a.png"));
    expect(item).toMatchObject({
      file: "a.png",
      source: "street",
      generator: "none",
      attributes: "",
      crop: "",
    });
  });

  test("method stands in for generator, and other columns are passed over", async () => {
    const [item] = await readDataIndex(
      indexOf("file,label,group,method,colour", "a.png,fake,g1,face2face,red"),
    );
    expect(item!.generator).toBe("face2face");
    expect(item).not.toHaveProperty("colour");
    expect(item).not.toHaveProperty("method");
  });

  test("commas, quotes and line breaks may stand in quotes; a mark of byte order, blanks and empty lines do no harm", async () => {
    const path = indexOf(
      "\uFEFFfile,label,group,attributes",
      '"a, b.png",real,g1,"said ""hi""\nand left"',
      "",
      " c.png , fake , g2 ,",
    );
    const items = await readDataIndex(path);
    expect(items.map(({ file, attributes }) => [file, attributes])).toEqual([
      ["a, b.png", 'said "hi"\nand left'],
      ["c.png", ""],
    ]);
  });

  test("a label that is neither real nor fake is refused, and the line is named", async () => {
    const path = indexOf("file,label,group", "a.png,real,g1", "", "b.png,genuine,g1");
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Row 4 of ${path} is wrong at "label": Invalid option: expected one of "real"|"fake". Expected file, label (real or fake) and group.`,
    });
  });

  test.each([
    ["file", "label,group", "real,g1"],
    ["label", "file,group", "a.png,g1"],
    ["group", "file,label", "a.png,real"],
  ])("an index without the column %s is refused", async (column, header, row) => {
    const path = indexOf(header, row);
    const has = header.replace(",", ", ");
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Expected the columns file, label and group in the first line of ${path}, but there is no ${column}: it has ${has}.`,
    });
  });

  test("a file that is named twice is refused", async () => {
    const path = indexOf("file,label,group", "a.png,real,g1", "b.png,real,g1", "a.png,fake,g2");
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Row 4 of ${path} names a.png a second time.`,
    });
  });

  test("a file may be named once for each crop", async () => {
    const rows = ["a.mp4,real,g1,crop=10:10:0:0", "a.mp4,fake,g1,crop=10:10:10:0"];
    expect(await readDataIndex(indexOf("file,label,group,crop", ...rows))).toHaveLength(2);
    const path = indexOf("file,label,group,crop", ...rows, rows[0]!);
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Row 4 of ${path} names a.mp4 a second time.`,
    });
  });

  test("an index that is not there is refused", async () => {
    const path = join(folder, "nothing.csv");
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Expected an index.csv at ${path}, but it cannot be read. Give --data the path of a CSV file.`,
    });
  });

  test("a row with a value too many is refused", async () => {
    const path = indexOf("file,label,group", "a.png,real,g1,more");
    await expect(readDataIndex(path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Expected CSV in ${path}, but it does not parse: Invalid Record Length: columns length is 3, got 4 on line 2.`,
    });
  });
});

describe("splitOf", () => {
  test("parts videos in halves, and keeps the clips of one collection together", () => {
    const side = (group: string) => splitOf({ source: "clips", group, isVideo: true });
    for (let i = 0; i < 50; i++) {
      const sides = new Set(["a", "b", "c"].map((clip) => side(`collection-${i}/${clip}`)));
      expect(sides.size).toBe(1);
    }
    const all = Array.from({ length: 2000 }, (_, i) => side(`collection-${i}`));
    expect(all.filter((part) => part === "validation")).toEqual([]);
    const tested = all.filter((part) => part === "test").length;
    expect(tested).toBeGreaterThan(900);
    expect(tested).toBeLessThan(1100);
  });

  test("is the same on every machine and for ever: models say what they were not trained on", () => {
    const sides = [3, 7, 8, 9, 10, 11, 12].map((group) => splitOf({ source: "x", group: String(group) }));
    expect(sides).toEqual(["train", "train", "test", "train", "train", "validation", "test"]);
    expect(splitOf({ source: "ä", group: "ö" })).toBe("train");
  });

  test("puts about 15% on the test side, 10% on validation, 75% on training", () => {
    const sides: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    for (let i = 0; i < 20_000; i++) sides[splitOf({ source: "s", group: `g${i}` })]++;
    expect(sides).toEqual({ train: 15_098, validation: 1_968, test: 2_934 });
  });

  test("never puts a group on two sides, whatever else its items are", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (source, group, file, generator) => {
        const one = { source, group, file, generator, label: "real" };
        const other = { source, group, file: `${file}2`, generator: "x", label: "fake" };
        expect(splitOf(one)).toBe(splitOf(other));
      }),
    );
  });
});

test("attributes are names with values", () => {
  expect([...parseAttributes("age=27; Gender=female;race=")]).toEqual([
    ["age", "27"],
    ["gender", "female"],
  ]);
  expect(parseAttributes("").size).toBe(0);
});
