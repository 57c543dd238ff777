import { describe, expect, test } from "vitest";
import { summarizeAttributes } from "../../src/evaluation/attributes.ts";
import type { EvaluatedFile } from "../../src/evaluation/evaluated-file.ts";

function person(attributes: string, verdict: EvaluatedFile["verdict"], i: number): EvaluatedFile {
  const about = {
    file: `${i}.jpg`,
    crop: "",
    source: "people",
    generator: "none",
    group: `${i}`,
    isReal: true,
  };
  return {
    ...about,
    attributes,
    authenticity: 0.5,
    verdict,
    reason: null,
    faces: [],
    error: null,
    kind: "image",
  };
}

/** `forged` of `count` people of one kind called forged. */
const people = (attributes: string, forged: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => person(attributes, i < forged ? "forged" : "authentic", from + i));

describe("summarizeAttributes", () => {
  test("counts each value with its interval, and the largest gap", () => {
    const files = [...people("gender=a", 10, 100), ...people("gender=b", 0, 100, 100)];
    const [key] = summarizeAttributes(files, { seed: 1 })!.keys;
    expect(key!.values).toEqual([
      {
        value: "a",
        files: 100,
        forged: 10,
        inconclusive: 0,
        interval: [expect.closeTo(0.0552, 4), expect.closeTo(0.1744, 4)],
      },
      { value: "b", files: 100, forged: 0, inconclusive: 0, interval: [0, expect.closeTo(0.037, 4)] },
    ]);
    expect(key!.gap).toMatchObject({ highest: "a", lowest: "b", value: 0.1 });
    const [low, high] = key!.gap!.interval!;
    expect(low).toBeGreaterThan(0.02);
    expect(high).toBeLessThan(0.2);
    // All ten on one side by chance: about 2 in 1024.
    expect(key!.gap!.p).toBeLessThan(0.02);
    expect(key!.gap!.byChance).toBeGreaterThan(0);
  });

  test("a gap that chance makes is told by how often chance makes it", () => {
    const files = [
      ...people("race=a", 1, 30),
      ...people("race=b", 0, 30, 30),
      ...people("race=c", 0, 30, 60),
    ];
    const { gap } = summarizeAttributes(files, { seed: 1 })!.keys[0]!;
    expect(gap!.p).toBe(1);
    expect(gap!.byChance).toBeCloseTo(1 / 30, 12);
  });

  test("ages are counted in bands, other numbers in quarters, and few files are no end of a gap", () => {
    const ages = [18, 29, 30, 44, 45, 60, 95].map((age, i) => person(`age=${age}`, "authentic", i));
    const [key] = summarizeAttributes(ages, { seed: 1 })!.keys;
    expect(key!.values.map(({ value, files }) => [value, files])).toEqual([
      ["18 to 29", 2],
      ["30 to 44", 2],
      ["45 to 59", 1],
      ["from 60", 2],
    ]);
    expect(key!.gap).toBeNull();
    const tall = Array.from({ length: 40 }, (_, i) => person(`height=${100 + i}`, "authentic", i));
    expect(summarizeAttributes(tall, { seed: 1 })!.keys[0]!.values.map(({ files }) => files)).toEqual([
      10, 10, 10, 10,
    ]);
  });

  test("looks at authentic files that were judged and have attributes", () => {
    const fake = { ...person("gender=a", "forged", 1), isReal: false };
    const failed = { ...person("gender=a", null, 2), error: "NOT_MEDIA" };
    expect(summarizeAttributes([fake, failed, person("", "forged", 3)], { seed: 1 })).toBeNull();
  });
});
