import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";
import { readTraits } from "../../src/evaluation/file-traits.ts";
import { crossValidate, type TraitRow, tellingTraits } from "../../src/evaluation/trait-classifier.ts";
import { stratifiedAuc } from "../../src/statistics/metrics.ts";
import { fixture } from "../cli/run-cli.ts";

function rowsOf(
  draw: (isReal: boolean, random: ReturnType<typeof seededRandom>) => TraitRow["traits"],
): TraitRow[] {
  const random = seededRandom(3);
  return Array.from({ length: 300 }, (_, i) => ({
    traits: draw(i % 2 === 0, random),
    isReal: i % 2 === 0,
    group: `g${Math.floor(i / 2)}`,
  }));
}

function aucOf(rows: readonly TraitRow[]): number {
  return stratifiedAuc(crossValidate(rows)!, (row) => row.fold)!;
}

describe("crossValidate", () => {
  test("finds a number that tells the classes apart, and a word that does", () => {
    const byNumber = rowsOf((isReal, random) => ({
      numbers: { bytes: random.normal() + (isReal ? 4 : 0), width: null },
      words: { codec: "jpeg" },
    }));
    expect(aucOf(byNumber)).toBeGreaterThan(0.99);
    const byWord = rowsOf((isReal) => ({ numbers: {}, words: { codec: isReal ? "jpeg" : "png" } }));
    expect(aucOf(byWord)).toBe(1);
    expect(tellingTraits(byWord, 3)).toEqual([{ name: "codec", auc: 1 }]);
  });

  test("finds a middle that tells them apart", () => {
    const rows = rowsOf((isReal, random) => ({
      numbers: { quality: isReal ? 75 : random.pick([50, 95]) },
      words: {},
    }));
    expect(aucOf(rows)).toBeGreaterThan(0.95);
  });

  test("finds nothing where there is nothing", () => {
    const rows = rowsOf((_, random) => ({
      numbers: { bytes: random.normal(), width: random.normal() },
      words: { codec: random.pick(["a", "b", "c"]) },
    }));
    // The deviation of an AUC of 150 against 150 is 0.033.
    expect(Math.abs(aucOf(rows) - 0.5)).toBeLessThan(0.1);
  });

  test("learns nothing from names that only one file has", () => {
    const rows = rowsOf((_, random) => ({ numbers: {}, words: { tables: String(random.uniform()) } }));
    expect(aucOf(rows)).toBe(0.5);
    expect(tellingTraits(rows, 3)).toEqual([]);
  });

  test("is not possible where a fold would leave a class out", () => {
    const rows = rowsOf(() => ({ numbers: { bytes: 1 }, words: {} })).filter(
      (row, i) => row.isReal || i === 1,
    );
    expect(crossValidate(rows.filter((row) => row.isReal))).toBeNull();
    expect(crossValidate(rows)).toBeNull();
  });
});

describe("readTraits", () => {
  test("reads a picture's size, format and JPEG tables", async () => {
    const folder = await mkdtemp(join(tmpdir(), "telltale-traits-"));
    try {
      const path = join(folder, "a.jpg");
      writeFileSync(
        path,
        await sharp(fixture("still.jpg")).resize(256, 128).jpeg({ quality: 60 }).toBuffer(),
      );
      const { numbers, words } = await readTraits(path);
      expect(numbers).toMatchObject({
        width: 8,
        height: 7,
        "aspect ratio": 1,
        "JPEG quality": 60,
        duration: null,
        "frame rate": null,
      });
      expect(words).toMatchObject({ container: "jpeg", "colour sampling": "2x2,1x1,1x1", sound: "false" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("reads a video's codec, length and rate", async () => {
    const { numbers, words } = await readTraits(fixture("authentic.mp4"));
    expect(words).toMatchObject({ codec: "h264", "quantisation tables": "none" });
    expect(numbers["frame rate"]).toBeGreaterThan(1);
    expect(numbers["JPEG quality"]).toBeNull();
  });
});
