import { describe, expect, test } from "vitest";
import type { StoredFace } from "../../../src/training/crop-store.ts";
import { splitOf } from "../../../src/training/data-index.ts";
import { BatchPlan, classOfForged, synthesisedSources } from "../../../src/training/detector/batch-plan.ts";
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
const plan = new BatchPlan(faces, { seed: 1, batchSize: 32, selfBlendShare: 0.3 });
const slots = Array.from({ length: 200 }, (_, step) => plan.at(step)).flat();

describe("BatchPlan", () => {
  test("gives as many pairs as half the batch: half of the faces are real", () => {
    expect(plan.at(0)).toHaveLength(16);
    for (const slot of slots) {
      expect(faces[slot.real]!.label).toBe("real");
      if (slot.kind !== "self-blend") expect(faces[slot.fake]!.label).toBe("fake");
    }
  });

  test("draws from the training side only", () => {
    const used = slots.flatMap((slot) => (slot.kind !== "self-blend" ? [slot.real, slot.fake] : [slot.real]));
    expect([...new Set(used)].filter((i) => splitOf(faces[i]!) !== "train")).toEqual([]);
    const training = faces.filter((face) => splitOf(face) === "train").length;
    expect(new Set(used).size).toBe(training);
  });

  test("is a function of seed and step alone", () => {
    const again = new BatchPlan(faces, { seed: 1, batchSize: 32, selfBlendShare: 0.3 });
    expect(again.at(7)).toEqual(plan.at(7));
    expect(again.at(3)).toEqual(plan.at(3));
    expect(again.at(4)).not.toEqual(plan.at(3));
    expect(new BatchPlan(faces, { seed: 2, batchSize: 32, selfBlendShare: 0.3 }).at(3)).not.toEqual(
      plan.at(3),
    );
  });

  test("gives a fake a real of its own group where there is one", () => {
    for (const slot of slots) {
      if (slot.kind === "self-blend" || faces[slot.fake]!.source === "fakes") continue;
      const [real, fake] = [faces[slot.real]!, faces[slot.fake]!];
      expect([real.source, real.group]).toEqual([fake.source, fake.group]);
    }
  });

  test("takes a fake that was made from a real of its group for altered, others for synthesised", () => {
    const kinds = (source: string) =>
      new Set(
        slots.flatMap((slot) =>
          slot.kind !== "self-blend" && faces[slot.fake]!.source === source ? [slot.kind] : [],
        ),
      );
    expect([kinds("large"), kinds("small"), kinds("fakes")]).toEqual([
      new Set(["altered"]),
      new Set(["altered"]),
      new Set(["synthesised"]),
    ]);
    const classes = new Set(slots.map((slot) => `${slot.kind} ${classOfForged(slot)}`));
    expect(classes).toEqual(new Set(["altered 1", "synthesised 2", "self-blend 1"]));
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
        new BatchPlan(list, { seed: 1, batchSize: 8, selfBlendShare: 0.3 }).at(step),
      )
        .flat()
        .flatMap((slot) => (slot.kind !== "self-blend" ? [list[slot.real]!.source] : []));
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
    const plan = new BatchPlan(list, { seed: 1, batchSize: 32, selfBlendShare: 0.3 });
    const partners = Array.from({ length: 20 }, (_, step) => plan.at(step))
      .flat()
      .flatMap((slot) =>
        slot.kind !== "self-blend" && list[slot.fake]!.source === "x" ? [list[slot.real]!.source] : [],
      );
    expect(partners.length).toBeGreaterThan(50);
    expect(new Set(partners)).toEqual(new Set(["near"]));
  });

  test("leaves out generators and sources by name", () => {
    const mixed = faces.map((face, i) =>
      face.label === "fake" && i % 3 === 0 ? { ...face, generator: "odd" } : face,
    );
    const plan = new BatchPlan(mixed, {
      seed: 1,
      batchSize: 32,
      selfBlendShare: 0.3,
      exclude: ["odd", "small"],
    });
    const used = Array.from({ length: 200 }, (_, step) => plan.at(step))
      .flat()
      .flatMap((slot) =>
        slot.kind !== "self-blend" ? [mixed[slot.real]!, mixed[slot.fake]!] : [mixed[slot.real]!],
      );
    expect(used.filter(({ generator, source }) => generator === "odd" || source === "small")).toEqual([]);
  });

  test("makes 30% self-blends", () => {
    const share = slots.filter(({ kind }) => kind === "self-blend").length / slots.length;
    expect(share).toBeCloseTo(0.3, 1);
  });

  test("hears sources by the square root of their size", () => {
    const fakes = slots.flatMap((slot) => (slot.kind !== "self-blend" ? [faces[slot.fake]!.source] : []));
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
    expect(() => new BatchPlan(reals, { seed: 1, batchSize: 4, selfBlendShare: 0.3 })).toThrow(
      expect.objectContaining({
        code: "DATA_INVALID",
        message: expect.stringMatching(
          /^Expected real and fake faces in groups to train on, but there are \d+ real and 0 fake ones\. A quarter of the groups is held out; add groups of both labels to the index\.$/,
        ),
      }),
    );
    expect(() => new BatchPlan([], { seed: 1, batchSize: 4, selfBlendShare: 0.3 })).toThrow(
      "there are 0 real and 0 fake ones",
    );
  });
});

test("sources most of whose fakes have no real in their group are synthesised ones; clips never are", () => {
  const face = (source: string, label: "real" | "fake", group: string, isVideo = false) => ({
    ...storedFace({ source, label, group }),
    isVideo,
  });
  const faces = [
    ...[face("swaps", "real", "a"), face("swaps", "fake", "a"), face("swaps", "fake", "a")],
    face("swaps", "fake", "lost"),
    ...[face("gan", "real", "a"), face("gan", "fake", "b"), face("gan", "fake", "c")],
    ...[face("clips", "fake", "d", true), face("photos", "real", "e")],
  ];
  expect([...synthesisedSources(faces)]).toEqual(["gan"]);
});
