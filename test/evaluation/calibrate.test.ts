import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";
import { calibrateToFootage, saveCalibratedModel } from "../../src/evaluation/calibrate.ts";
import { readManifest } from "../../src/networks/index.ts";
import { fixture, runCli } from "../cli/run-cli.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-calibrate-"));
let detector: Detector;

beforeAll(async () => {
  detector = await openDetector({ frames: 3, backend: "wasm", workers: 1 });
});
afterAll(async () => {
  await detector.close();
  rmSync(temporary, { recursive: true });
});

/** A folder with copies of fixtures, named one after the other. */
function folderOf(name: string, ...fixtures: string[]): { folder: string; paths: string[] } {
  const folder = join(temporary, name);
  mkdirSync(folder);
  const paths = fixtures.map((file, i) => join(folder, `${i}-${file}`));
  paths.forEach((path, i) => {
    copyFileSync(fixture(fixtures[i]!), path);
  });
  return { folder, paths };
}

describe("calibrateToFootage", () => {
  test("refits the threshold of pictures to those with a face, leaves that of two clips, and writes a model that detect takes", {
    timeout: 300_000,
  }, async () => {
    const { folder, paths } = folderOf(
      "own",
      "still.jpg",
      "still.webp",
      "still.avif",
      "still.jpg",
      "still.webp",
      "vfr.mp4",
      "authentic.mp4",
      "no-face.mp4",
      "text.mp4",
    );
    const found = await calibrateToFootage(detector, folder, paths);
    const { forgedBelow } = detector.manifest.thresholds.image;
    expect(found.thresholds).toHaveLength(1);
    const [pictures] = found.thresholds;
    expect(pictures).toMatchObject({
      ...{ of: "pictures", counted: 5, groups: 5 },
      forgedBelow: { before: forgedBelow },
    });
    expect(found.files.map(({ path, reason, error }) => [path, reason === "no-face", error])).toEqual([
      ...["0-still.jpg", "1-still.webp", "2-still.avif", "3-still.jpg", "4-still.webp"].map((path) => [
        path,
        false,
        null,
      ]),
      ["5-vfr.mp4", false, null],
      ["6-authentic.mp4", false, null],
      ["7-no-face.mp4", true, null],
      ["8-text.mp4", false, "NOT_MEDIA"],
    ]);
    expect(found.files.map(({ heldOutVerdict }) => heldOutVerdict !== null)).toEqual(
      found.files.map(({ kind }) => kind === "image"),
    );
    const lowest = Math.min(...found.files.slice(0, 5).map(({ authenticity }) => authenticity!));
    expect(pictures!.forgedBelow.after).toBeLessThanOrEqual(lowest);

    const to = join(temporary, "calibrated");
    mkdirSync(to);
    const { manifest } = detector;
    await saveCalibratedModel(
      { from: detector.options.model, to, manifest, calibration: found },
      async (path, text) => writeFileSync(path, text),
    );
    const written = await readManifest(to);
    expect(written).toEqual({
      ...manifest,
      version: `${manifest.version}+calibrated`,
      thresholds: {
        image: {
          ...manifest.thresholds.image,
          forgedBelow: pictures!.forgedBelow.after,
          measuredFpr: pictures!.wrong.after / 5,
          measuredMissRate: null,
          measuredOn:
            "5 authentic pictures of own footage, each scored with a threshold fitted without its group (5 groups)",
        },
        video: manifest.thresholds.video,
      },
    });
    expect(JSON.parse(readFileSync(join(to, "calibration.json"), "utf8"))).toMatchObject({
      thresholds: [{ of: "pictures", counted: 5 }],
    });
    expect(existsSync(join(to, "README.md"))).toBe(false);
    const again = await openDetector({ model: to, frames: 3, backend: "wasm", workers: 1 });
    try {
      expect((await again.detect(paths[0]!)).threshold.forgedBelow).toBe(pictures!.forgedBelow.after);
      expect((await again.detect(paths[6]!)).threshold).toEqual(manifest.thresholds.video);
    } finally {
      await again.close();
    }
  });

  test("too few files with a face are said, with what became of the others", {
    timeout: 300_000,
  }, async () => {
    const { folder, paths } = folderOf("few", "still.jpg", "no-face.mp4", "text.mp4");
    await expect(calibrateToFootage(detector, folder, paths)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Expected at least 5 authentic videos, or 5 authentic pictures, with a face in ${folder}, but found 3 files, 0 videos and 1 pictures with a face that could be scored, 1 without a face, 1 that could not be analysed. A hundred or more make a threshold that holds.`,
    });
  });
});

describe("telltale calibrate", () => {
  const out = join(temporary, "out");

  test.each([
    ["no folder", [], 2, "Expected a FOLDER of authentic footage but received none."],
    ["two folders", ["a", "--data", "b"], 2, "Expected FOLDER or --data but received both; leave one out."],
    ["a folder that is not there", ["nowhere"], 1, "Expected a folder at nowhere but it cannot be read."],
  ])("%s ends with one sentence and writes nothing", async (_, args, code, sentence) => {
    const result = await runCli(["calibrate", ...args, "--out", out]);
    expect(result).toEqual({ code, stdout: "", stderr: `telltale: ${sentence}\n` });
    expect(existsSync(out)).toBe(false);
  });

  test("an empty folder ends with one sentence and writes nothing", async () => {
    const { folder } = folderOf("empty");
    const result = await runCli(["calibrate", folder, "--out", out]);
    expect(result.stderr).toBe(
      `telltale: Expected authentic videos and pictures in ${folder}, but it holds no file.\n`,
    );
    expect(result.code).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});
