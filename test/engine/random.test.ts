import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => value ** 2)) - mean(values) ** 2;

describe("seededRandom", () => {
  test("a seed gives the same row on every machine", () => {
    const random = seededRandom(1, 2, 3);
    expect(draw(4, random.uniform)).toEqual([
      0.0043311226181685925, 0.0019283541478216648, 0.4457917367108166, 0.4344030739739537,
    ]);
    expect(draw(3, () => random.integer(1000))).toEqual([469, 589, 313]);
  });

  test("the same seeds give the same row, other seeds or another order another one", () => {
    const seeds = fc.array(fc.integer(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(seeds, (row) => {
        const first = draw(8, seededRandom(...row).uniform);
        expect(draw(8, seededRandom(...row).uniform)).toEqual(first);
        expect(draw(8, seededRandom(...row, 0).uniform)).not.toEqual(first);
        expect(draw(8, seededRandom(row[0]! ^ 1, ...row.slice(1)).uniform)).not.toEqual(first);
      }),
    );
    expect(draw(8, seededRandom(1, 2).uniform)).not.toEqual(draw(8, seededRandom(2, 1).uniform));
  });

  test("uniform numbers fill [0, 1) evenly", () => {
    const values = draw(50_000, seededRandom(5).uniform);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
    const tenths = values.reduce((bins, value) => {
      bins[Math.floor(value * 10)]!++;
      return bins;
    }, new Array<number>(10).fill(0));
    for (const count of tenths) expect(Math.abs(count - 5000)).toBeLessThan(250);
  });

  test("the first numbers of neighbouring seeds know nothing of each other", () => {
    const values = Array.from({ length: 10_000 }, (_, step) => seededRandom(1, step).uniform());
    expect(mean(values)).toBeCloseTo(0.5, 2);
    const products = values.slice(1).map((value, i) => (value - 0.5) * (values[i]! - 0.5));
    expect(Math.abs(mean(products) * 12)).toBeLessThan(0.03);
  });

  test("normal numbers have the normal's moments and tails", () => {
    const values = draw(50_000, seededRandom(6).normal);
    expect(Math.abs(mean(values))).toBeLessThan(0.015);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean(values.map((value) => value ** 3)))).toBeLessThan(0.06);
    expect(Math.abs(mean(values.map((value) => value ** 4)) - 3)).toBeLessThan(0.15);
    const beyond = values.filter((value) => Math.abs(value) > 1.96).length / values.length;
    expect(beyond).toBeCloseTo(0.05, 2);
  });

  test("numbers keep to their ranges", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        (seed, low, range, count) => {
          const random = seededRandom(seed);
          const between = random.between(low, low + range);
          expect(between >= low && between <= low + range).toBe(true);
          const integer = random.integer(count);
          expect(Number.isInteger(integer) && integer >= 0 && integer < count).toBe(true);
          expect(["a", "b", "c"]).toContain(random.pick(["a", "b", "c"]));
        },
      ),
    );
  });

  test("chance is true as often as it is told to be", () => {
    const random = seededRandom(9);
    const share = (p: number) => draw(20_000, () => Number(random.chance(p)));
    expect(mean(share(0))).toBe(0);
    expect(mean(share(0.3))).toBeCloseTo(0.3, 2);
    expect(mean(share(1))).toBe(1);
  });
});
