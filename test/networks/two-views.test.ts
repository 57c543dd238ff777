import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import {
  classActivation,
  type Discriminator,
  FIRST_VIEW_PX,
  firstView,
  joinViews,
  logits,
  restoreDiscriminator,
  setStandard,
  startDiscriminator,
  trunkStatistics,
  viewLogits,
} from "../../src/networks/index.ts";

let [first, second, classes]: Discriminator[] = [];
let faces: Tensor4D;

beforeAll(async () => {
  await useBackend("wasm");
  first = await startDiscriminator("face-trunk", seededRandom(1));
  second = await startDiscriminator("face-trunk", seededRandom(2), "trunk-statistics");
  faces = tf.randomUniform([2, 224, 224, 3], 0, 255, "float32", 7);
  classes = await startDiscriminator("face-trunk", seededRandom(3), "trunk-face");
  for (const { parameters } of [second, classes]) {
    setStandard(parameters, trunkStatistics(parameters, faces, "inference"));
  }
});
afterAll(() => {
  first!.parameters.dispose();
  second!.parameters.dispose();
  classes!.parameters.dispose();
});

const valuesOf = (discriminator: Discriminator) => [...logits(discriminator, faces, "inference").dataSync()];

describe("two views of one face", () => {
  test("count as much as the fusion says; the first sees the face shrunk", () => {
    const joined = joinViews(first!, second!, [0.5, 2, -1]);
    const shrunk = tf.image.resizeBilinear(faces, [FIRST_VIEW_PX, FIRST_VIEW_PX], false, true);
    const [ones, twos] = [
      logits(first!, shrunk, "inference").dataSync(),
      logits(second!, faces, "inference").dataSync(),
    ];
    valuesOf(joined).forEach((value, i) => {
      expect(value).toBeCloseTo(0.5 * ones[i]! + 2 * twos[i]! - 1, 4);
    });
    joined.parameters.dispose();
  });

  test("are one list of values, and the same again from it", () => {
    const joined = joinViews(first!, second!, [1, 1, 0]);
    const again = restoreDiscriminator("two-views", joined.parameters.toFloat32());
    expect(valuesOf(again)).toEqual(valuesOf(joined));
    joined.parameters.dispose();
    again.parameters.dispose();
  });

  test("with a head of three classes: its logit counts, as by itself", () => {
    const joined = joinViews(first!, classes!, [0.5, 2, -1]);
    expect(joined.architecture).toBe("two-views-face");
    const shrunk = tf.image.resizeBilinear(faces, [FIRST_VIEW_PX, FIRST_VIEW_PX], false, true);
    const [ones, twos] = [
      logits(first!, shrunk, "inference").dataSync(),
      logits(classes!, faces, "inference").dataSync(),
    ];
    valuesOf(joined).forEach((value, i) => {
      expect(value).toBeCloseTo(0.5 * ones[i]! + 2 * twos[i]! - 1, 4);
    });
    joined.parameters.dispose();
  });

  test("say what either makes of a face by itself; a network of one view cannot", () => {
    const joined = joinViews(first!, second!, [0.5, 2, -1]);
    const each = viewLogits(joined, faces);
    expect(each.shape).toEqual([2, 2]);
    const rows = each.arraySync() as [number, number][];
    valuesOf(joined).forEach((value, i) => {
      expect(0.5 * rows[i]![0] + 2 * rows[i]![1] - 1).toBeCloseTo(value, 4);
    });
    expect(rows[0]![0]).not.toBeCloseTo(rows[0]![1], 3);
    joined.parameters.dispose();
    expect(() => viewLogits(second!, faces)).toThrow(
      'Expected a network of two views but received "trunk-statistics".',
    );
  });

  test("give the first one back", () => {
    const joined = joinViews(first!, second!, [0.5, 2, -1]);
    const again = firstView(joined);
    expect(again.architecture).toBe("face-trunk");
    const [own, given] = [again, first!].map(({ parameters }) => Buffer.from(parameters.toFloat32().buffer));
    expect(own!.equals(given!)).toBe(true);
    for (const { parameters } of [joined, again]) parameters.dispose();
  });

  test.each([
    ["two-views", () => second!],
    ["two-views-face", () => classes!],
  ])("have one map, whose mean is the face's logit: %s", (_, other) => {
    const joined = joinViews(first!, other(), [0.6, 0.4, 0.2]);
    const { logits: own, maps } = classActivation(joined, faces);
    expect(maps.shape).toEqual([2, 14, 14]);
    const means = tf.mean(maps, [1, 2]).dataSync();
    valuesOf(joined).forEach((value, i) => {
      expect(own.dataSync()[i]).toBeCloseTo(value, 4);
      expect(means[i]).toBeCloseTo(value, 4);
    });
    joined.parameters.dispose();
  });

  test("are of two kinds, in that order", () => {
    expect(() => joinViews(second!, first!, [1, 1, 0])).toThrow(
      "Expected a face-trunk and a network over statistics to fuse but received a trunk-statistics and a face-trunk.",
    );
  });
});
