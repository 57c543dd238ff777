import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";
import { measureStability } from "../../src/detection/stability.ts";
import { type Decision, withStability } from "../../src/detection/verdict.ts";
import type { FrameObservation } from "../../src/faces/types.ts";
import { frames, type MediaInfo, probe } from "../../src/media/index.ts";
import type { Stability, StabilityTrial } from "../../src/types/detection.ts";
import { fixture } from "../cli/run-cli.ts";

const thresholds = { forgedBelow: 0.4, authenticAbove: 0.6, measuredFpr: null, measuredOn: null };
const decision: Decision = {
  verdict: "forged",
  reason: null,
  authenticity: 0.1,
  decidingTrack: 1,
  tracks: [],
  threshold: thresholds,
};

function faceOf(authenticity: number, index: number): FrameObservation {
  const thumbnail = new Uint8Array(192).map((_, i) => i);
  const face = { box: [0, 0, 90, 90] as const, confidence: 1, authenticity, unscored: null, thumbnail };
  return { index, timeSec: index, width: 100, height: 100, faces: [face], error: null };
}

/** Three frames of this authenticity, whatever comes in. */
const threeOf = (authenticity: number) => [0, 1, 2].map((index) => faceOf(authenticity, index));

async function measure(authenticities: readonly number[], info: MediaInfo): Promise<Stability> {
  const left = [...authenticities];
  return measureStability({ info, thresholds, decision, observe: async () => threeOf(left.shift()!) });
}

describe("measureStability", () => {
  test("judges three degraded copies, and calls only the opposite verdict a flip", async () => {
    const { asIs, trials } = await measure([0.2, 0.5, 0.9], await probe(fixture("vfr.mp4")));
    expect(asIs).toEqual({ verdict: "forged", reason: null, authenticity: 0.1 });
    expect(trials.map(({ name, verdict, flips }) => [name, verdict, flips])).toEqual([
      ["jpeg-40", "forged", false],
      ["half-size", "inconclusive", false],
      ["h264-crf-35", "authentic", true],
    ]);
  });

  test("hands out frames that are worse than the file's, and leaves no temporary file", async () => {
    const info = await probe(fixture("odd-size-444.mp4"));
    const sizes: [number, number][] = [];
    const copies: MediaInfo[] = [];
    await measureStability({
      info,
      thresholds,
      decision,
      observe: async (copy, change) => {
        copies.push(copy);
        for await (const frame of frames(copy, { frames: 1 })) {
          const changed = await change(frame);
          sizes.push([changed.width, changed.height]);
          expect(changed.data).toHaveLength(changed.width * changed.height * 3);
        }
        return threeOf(0.1);
      },
    });
    expect(sizes).toEqual([
      [321, 241],
      [161, 121],
      [320, 240],
    ]);
    expect(copies[2]!.codec).toBe("h264");
    expect(readdirSync(tmpdir())).not.toContain(copies[2]!.path.split("/").at(-2));
  });

  test("a trial that fails says why and does not flip", async () => {
    const info = await probe(fixture("vfr.mp4"));
    const observe = async () => {
      throw new Error("It broke.");
    };
    const { trials } = await measureStability({ info, thresholds, decision, observe });
    const failed = { verdict: null, reason: null, authenticity: null, flips: false, error: "It broke." };
    expect(trials).toEqual(
      ["jpeg-40", "half-size", "h264-crf-35"].map((name) => ({ name, ...failed }) as StabilityTrial),
    );
  });
});

describe("withStability", () => {
  const trial = {
    name: "jpeg-40",
    verdict: "authentic",
    reason: null,
    authenticity: 0.9,
    error: null,
  } as const;
  const asIs = { verdict: "forged", reason: null, authenticity: 0.1 } as const;

  test("a flip makes the verdict inconclusive, with the authenticity that was measured", () => {
    const judged = withStability(decision, { asIs, trials: [{ ...trial, flips: true }] });
    expect(judged).toEqual({ ...decision, verdict: "inconclusive", reason: "unstable" });
  });

  test("without one the verdict stands", () => {
    expect(withStability(decision, { asIs, trials: [{ ...trial, flips: false }] })).toBe(decision);
  });
});

describe("detect with stability", () => {
  let detector: Detector;
  beforeAll(async () => {
    detector = await openDetector({ backend: "wasm", frames: 3, workers: 1, stability: true });
  });
  afterAll(() => detector.close());

  test.each(["vfr.mp4", "still.jpg"])("tries %s three times", async (name) => {
    const { stability, options } = await detector.detect(fixture(name));
    expect(options.stability).toBe(true);
    expect(stability!.trials.map(({ error }) => error)).toEqual([null, null, null]);
  });
});
