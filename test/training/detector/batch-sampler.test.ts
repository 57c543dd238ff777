import { describe, expect, test } from "vitest";
import { splitOf } from "../../../src/data/data-index.ts";
import type { StoredFace } from "../../../src/data/face-dataset.ts";
import { BatchSampler, classOfFake, type PairSpec } from "../../../src/training/detector/batch-sampler.ts";
import { groupsOn, storedFace } from "../stored-faces.ts";

/** 200 groups of two sources with a real and a fake each, a source of reals only and one of fakes only. */
const faces: StoredFace[] = [
  ...Array.from({ length: 200 }, (_, i) => `g${i}`).flatMap((group, i) => {
    const source = i < 150 ? "large" : "small";
    return (["real", "fake"] as const).map((label) => storedFace({ source, group, label }));
  }),
  ...Array.from({ length: 60 }, (_, i) => storedFace({ source: "reals", group: `r${i}` })),
  ...Array.from({ length: 60 }, (_, i) => storedFace({ source: "fakes", group: `f${i}`, label: "fake" })),
];
const shares = { selfBlends: 0.3, swaps: 0.2 };
const plan = new BatchSampler(faces, { seed: 1, batchSize: 32, ...shares });
const slots = Array.from({ length: 200 }, (_, step) => plan.at(step)).flat();

type Known = Extract<PairSpec, { readonly fake: number }>;
const isKnown = (pair: PairSpec): pair is Known => pair.kind === "manipulated" || pair.kind === "synthetic";

describe("BatchSampler", () => {
  test("gives as many pairs as half the batch: half of the faces are real", () => {
    expect(plan.at(0)).toHaveLength(16);
    for (const slot of slots) {
      expect(faces[slot.real]!.label).toBe("real");
      if (isKnown(slot)) expect(faces[slot.fake]!.label).toBe("fake");
      if (slot.kind === "swap") expect(faces[slot.other]!.label).toBe("real");
    }
  });

  test("draws from the training side only", () => {
    const used = slots.flatMap((slot) =>
      isKnown(slot) ? [slot.real, slot.fake] : slot.kind === "swap" ? [slot.real, slot.other] : [slot.real],
    );
    expect([...new Set(used)].filter((i) => splitOf(faces[i]!) !== "train")).toEqual([]);
    const training = faces.filter((face) => splitOf(face) === "train").length;
    expect(new Set(used).size).toBe(training);
  });

  test("is a function of seed and step alone", () => {
    const again = new BatchSampler(faces, { seed: 1, batchSize: 32, ...shares });
    expect(again.at(7)).toEqual(plan.at(7));
    expect(again.at(3)).toEqual(plan.at(3));
    expect(again.at(4)).not.toEqual(plan.at(3));
    expect(new BatchSampler(faces, { seed: 2, batchSize: 32, ...shares }).at(3)).not.toEqual(plan.at(3));
  });

  test("gives a fake a real of its own group where there is one", () => {
    for (const slot of slots) {
      if (!isKnown(slot) || faces[slot.fake]!.source === "fakes") continue;
      const [real, fake] = [faces[slot.real]!, faces[slot.fake]!];
      expect([real.source, real.group]).toEqual([fake.source, fake.group]);
    }
  });

  test("takes a fake whose group has a real for manipulated, others for synthetic", () => {
    const kinds = (source: string) =>
      new Set(
        slots.flatMap((slot) => (isKnown(slot) && faces[slot.fake]!.source === source ? [slot.kind] : [])),
      );
    expect([kinds("large"), kinds("small"), kinds("fakes")]).toEqual([
      new Set(["manipulated"]),
      new Set(["manipulated"]),
      new Set(["synthetic"]),
    ]);
    const classes = new Set(slots.map((slot) => `${slot.kind} ${classOfFake(slot)}`));
    expect(classes).toEqual(new Set(["manipulated 1", "synthetic 2", "self-blend 1", "swap 1"]));
  });

  test("gives a fake without a real of its group one of its source, or else of any", () => {
    const alone = [
      storedFace({ source: "x", group: "3", label: "fake" }),
      storedFace({ source: "x", group: "7" }),
      storedFace({ source: "x", group: "9" }),
      storedFace({ source: "ä", group: "ö" }),
      storedFace({ source: "large", group: "g1" }),
    ];
    const known = (list: StoredFace[]) =>
      Array.from({ length: 50 }, (_, step) =>
        new BatchSampler(list, { seed: 1, batchSize: 8, ...shares }).at(step),
      )
        .flat()
        .flatMap((slot) => (isKnown(slot) ? [list[slot.real]!.source] : []));
    expect(new Set(known(alone))).toEqual(new Set(["x"]));
    const others = alone.filter(({ source, label }) => source !== "x" || label === "fake");
    expect(new Set(known(others))).toEqual(new Set(["ä", "large"]));
  });

  test("gives a fake of a source without reals one that other fakes of its generator stand beside", () => {
    const list = [
      ...groupsOn("train", 4, "x").map((group) =>
        storedFace({ source: "x", group, label: "fake", generator: "g" }),
      ),
      ...groupsOn("train", 4, "near").flatMap((group) => [
        storedFace({ source: "near", group }),
        storedFace({ source: "near", group, label: "fake", generator: "g" }),
      ]),
      ...groupsOn("train", 4, "far").map((group) => storedFace({ source: "far", group })),
    ];
    const plan = new BatchSampler(list, { seed: 1, batchSize: 32, ...shares });
    const partners = Array.from({ length: 20 }, (_, step) => plan.at(step))
      .flat()
      .flatMap((slot) => (isKnown(slot) && list[slot.fake]!.source === "x" ? [list[slot.real]!.source] : []));
    expect(partners.length).toBeGreaterThan(50);
    expect(new Set(partners)).toEqual(new Set(["near"]));
  });

  test("leaves out generators and sources by name", () => {
    const mixed = faces.map((face, i) =>
      face.label === "fake" && i % 3 === 0 ? { ...face, generator: "odd" } : face,
    );
    const plan = new BatchSampler(mixed, {
      seed: 1,
      batchSize: 32,
      ...shares,
      exclude: ["odd", "small"],
    });
    const used = Array.from({ length: 200 }, (_, step) => plan.at(step))
      .flat()
      .flatMap((slot) => (isKnown(slot) ? [mixed[slot.real]!, mixed[slot.fake]!] : [mixed[slot.real]!]));
    expect(used.filter(({ generator, source }) => generator === "odd" || source === "small")).toEqual([]);
  });

  test("makes 30% self-blends and 20% swaps", () => {
    const share = (of: string) => slots.filter(({ kind }) => kind === of).length / slots.length;
    expect(Math.abs(share("self-blend") - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(share("swap") - 0.2)).toBeLessThan(0.03);
  });

  test("swaps faces of one source and of two groups", () => {
    const pairs = slots.flatMap((slot) =>
      slot.kind === "swap" ? [[faces[slot.real]!, faces[slot.other]!] as const] : [],
    );
    expect(pairs.length).toBeGreaterThan(500);
    for (const [real, other] of pairs) {
      expect(other.source).toBe(real.source);
      expect(other.group).not.toBe(real.group);
    }
  });

  test("makes self-blends instead of swaps where a source has one group", () => {
    const [group, elsewhere] = groupsOn("train", 2, "x");
    const list = [
      storedFace({ source: "x", group: group! }),
      storedFace({ source: "x", group: group! }),
      storedFace({ source: "x", group: elsewhere!, label: "fake" }),
    ];
    const plan = new BatchSampler(list, { seed: 1, batchSize: 8, selfBlends: 0, swaps: 1 });
    expect(new Set(plan.at(0).map(({ kind }) => kind))).toEqual(new Set(["self-blend"]));
  });

  test("hears sources by the square root of their size", () => {
    const fakes = slots.flatMap((slot) => (isKnown(slot) ? [faces[slot.fake]!.source] : []));
    const training = (source: string) =>
      faces.filter((f) => f.source === source && f.label === "fake" && splitOf(f) === "train").length;
    const roots = ["large", "small", "fakes"].map((source) => Math.sqrt(training(source)));
    const total = roots.reduce((a, b) => a + b, 0);
    ["large", "small", "fakes"].forEach((source, i) => {
      const share = fakes.filter((name) => name === source).length / fakes.length;
      expect(Math.abs(share - roots[i]! / total)).toBeLessThan(0.03);
    });
  });

  test("is refused where a class has no face to train on", () => {
    const reals = faces.filter(({ label }) => label === "real");
    expect(() => new BatchSampler(reals, { seed: 1, batchSize: 4, ...shares })).toThrow(
      expect.objectContaining({
        code: "DATA_INVALID",
        message: expect.stringMatching(
          /^Expected real and fake faces in groups to train on, but there are \d+ real and 0 fake ones\. A quarter of the groups is held out; add groups of both labels to the index\.$/,
        ),
      }),
    );
    expect(() => new BatchSampler([], { seed: 1, batchSize: 4, ...shares })).toThrow(
      "there are 0 real and 0 fake ones",
    );
  });
});
