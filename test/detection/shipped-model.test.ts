import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/media/${name}`, import.meta.url));

describe("the model that ships", () => {
  let detector: Detector;
  beforeAll(async () => {
    detector = await openDetector({ backend: "wasm", frames: 8 });
  });
  afterAll(() => detector.close());

  test("rates a forged copy of a clip below the clip itself", async () => {
    const authentic = await detector.detect(fixture("authentic.mp4"));
    const forged = await detector.detect(fixture("forged.mp4"));
    expect(authentic.authenticity).not.toBeNull();
    expect(forged.authenticity!).toBeLessThan(authentic.authenticity!);
  });

  test("calls no authentic clip forged", async () => {
    for (const name of ["authentic.mp4", "rotated.mp4", "vfr.mp4", "still.jpg"]) {
      const { verdict } = await detector.detect(fixture(name));
      expect(["authentic", "inconclusive"], name).toContain(verdict);
    }
  });

  test("says where its thresholds and its blind spots come from", () => {
    const { thresholds, limitations, trainedOn } = detector.manifest;
    for (const { forgedBelow, authenticAbove, measuredFpr, measuredMissRate, measuredOn } of [
      thresholds.image,
      thresholds.video,
    ]) {
      expect(forgedBelow).toBeLessThan(authenticAbove);
      expect(measuredFpr).toBeLessThan(0.1);
      expect(measuredMissRate).toBeLessThan(0.5);
      expect(measuredOn).toMatch(/\d+ real/);
    }
    expect(limitations.length).toBeGreaterThan(0);
    expect(trainedOn).toContain("dfdc");
  });
});
