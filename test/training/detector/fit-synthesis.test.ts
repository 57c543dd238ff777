import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import {
  type Discriminator,
  STATISTICS_COUNT,
  setSynthesisForm,
  startDiscriminator,
  synthesisLogits,
} from "../../../src/networks/index.ts";
import { rocAuc } from "../../../src/statistics/metrics.ts";
import { fitSynthesis } from "../../../src/training/detector/fit-synthesis.ts";

const DIMENSIONS = 12;
const CHANNELS = 400;

/** Rows that lie in a few dimensions; those whose first is far from 0, on either side, are synthesised: no line tells them apart. */
function drawRows(count: number, seed: number) {
  const axes = Array.from({ length: DIMENSIONS }, (_, k) => {
    const random = seededRandom(9, k);
    return Float32Array.from({ length: CHANNELS }, () => random.normal());
  });
  const random = seededRandom(seed);
  const statistics = new Float32Array(count * STATISTICS_COUNT);
  const isSynthesised = Array.from({ length: count }, (_, row) => {
    const is = row % 2 === 1;
    const side = row % 4 < 2 ? 1 : -1;
    axes.forEach((axis, k) => {
      const first = is ? side * (1.2 + 0.2 * random.normal()) : 0.3 * random.normal();
      const along = k === 0 ? first : random.normal();
      for (let i = 0; i < CHANNELS; i++) statistics[row * STATISTICS_COUNT + i]! += along * axis[i]!;
    });
    return is;
  });
  return { statistics, isSynthesised };
}

/** In chunks, as a bank gives them. */
const bankOf = ({ statistics, isSynthesised }: ReturnType<typeof drawRows>) => ({
  async *synthesisRows() {
    for (let i = 0; i < isSynthesised.length; i += 100) {
      yield {
        statistics: statistics.slice(i * STATISTICS_COUNT, (i + 100) * STATISTICS_COUNT),
        isSynthesised: isSynthesised.slice(i, i + 100),
      };
    }
  },
});

let network: Discriminator;
beforeAll(async () => {
  await useBackend("wasm");
  network = await startDiscriminator("face-trunk", seededRandom(1), "trunk-synthesis");
});

describe("the fit of the form for synthesised faces", () => {
  test("tells apart what no line can, on rows that it never saw, and leaves no tensors behind", async () => {
    const before = tf.memory().numTensors;
    const steps: number[] = [];
    const form = await fitSynthesis(network.parameters, bankOf(drawRows(400, 1)), {
      seed: 1,
      onStep: (done) => steps.push(done),
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(steps.at(-1)).toBe(steps.length);
    setSynthesisForm(network.parameters, form!);
    const held = drawRows(200, 2);
    const rows = tf.tensor2d(held.statistics, [200, STATISTICS_COUNT]);
    const aucOf = (scores: ArrayLike<number>) =>
      rocAuc(held.isSynthesised.map((is, i) => ({ score: scores[i]!, isReal: !is })))!;
    expect(aucOf(synthesisLogits(network.parameters, rows).dataSync())).toBeGreaterThan(0.9);
    setSynthesisForm(network.parameters, { ...form!, weights: form!.weights.map(() => 0) });
    expect(aucOf(synthesisLogits(network.parameters, rows).dataSync())).toBeLessThan(0.7);
  });

  test("is the same again from the same rows and seed", async () => {
    const again = () => fitSynthesis(network.parameters, bankOf(drawRows(100, 3)), { seed: 2 });
    const [one, two] = [await again(), await again()];
    expect(two).toEqual(one);
  });

  test("of rows of one kind only is none", async () => {
    const { statistics } = drawRows(100, 4);
    const real = { statistics, isSynthesised: Array.from({ length: 100 }, () => false) };
    expect(await fitSynthesis(network.parameters, bankOf(real), { seed: 1 })).toBeNull();
  });

  test("ends when it is told to", async () => {
    const steps: number[] = [];
    const stop = new AbortController();
    await fitSynthesis(network.parameters, bankOf(drawRows(100, 5)), {
      seed: 1,
      signal: stop.signal,
      onStep: (done) => {
        steps.push(done);
        if (done === 3) stop.abort();
      },
    });
    expect(steps).toEqual([1, 2, 3]);
  });
});
