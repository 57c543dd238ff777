import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import {
  type Discriminator,
  STATISTICS_COUNT,
  startDiscriminator,
  trunkStatistics,
} from "../../../src/networks/index.ts";
import { BankSampler } from "../../../src/training/detector/bank-sampler.ts";
import { BatchLoader } from "../../../src/training/detector/batch-loader.ts";
import { BatchPlan } from "../../../src/training/detector/batch-plan.ts";
import { FeatureBank } from "../../../src/training/detector/feature-bank.ts";
import { JoinedStores } from "../../../src/training/joined-stores.ts";
import { prepareFaces } from "../../../src/training/prepare-faces.ts";
import { makePortraitData } from "../portrait-data.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-bank-"));
const crop = { sizePx: 64, margin: 1.3 };
const spec = { draws: 100, seed: 3, crop, selfBlends: 0.5 };
let store: JoinedStores;
let network: Discriminator;

const prepare = (folder: string, change: Partial<Parameters<typeof FeatureBank.prepare>[0]> = {}) =>
  FeatureBank.prepare({
    cacheFolder: join(temporary, folder),
    store,
    network: network.parameters,
    spec,
    threads: 1,
    ...change,
  });

beforeAll(async () => {
  await useBackend("wasm");
  const indexPath = await makePortraitData(join(temporary, "data"));
  store = new JoinedStores([await prepareFaces({ indexPath, cacheFolder: join(temporary, "cache") })]);
  network = await startDiscriminator("face-trunk", seededRandom(1), "trunk-statistics");
});
afterAll(async () => {
  await store.close();
  network.parameters.dispose();
  rmSync(temporary, { recursive: true });
});

describe("a bank of statistics", () => {
  test("holds what the trunk says of each drawn face, in whole batches, real and forged in turn", async () => {
    const bank = (await prepare("whole"))!;
    expect(bank.rows).toHaveLength(128);
    expect(bank.rows.map(({ isReal }) => isReal)).toEqual(bank.rows.map((_, i) => i % 2 === 0));
    const plan = new BatchPlan(store.faces, { seed: 3, batchSize: 64, selfBlendShare: 0.5 });
    const loader = await BatchLoader.start({
      ...{ storeFolders: store.folders, plan, seed: 3, crop, threads: 1, ahead: 1 },
    });
    const { faces } = await loader.take(0);
    await loader.close();
    const expected = tf.tidy(
      () =>
        trunkStatistics(
          network.parameters,
          tf.tensor4d(new Float32Array(faces), [64, 64, 64, 3]),
          "inference",
        ).dataSync() as Float32Array,
    );
    const stored = await bank.read([0, 63]);
    await bank.close();
    const gaps = [0, 63].map((row, i) =>
      stored
        .subarray(i * STATISTICS_COUNT, (i + 1) * STATISTICS_COUNT)
        .reduce(
          (most, value, k) => Math.max(most, Math.abs(value - expected[row * STATISTICS_COUNT + k]!)),
          0,
        ),
    );
    // 16 bits keep a value of up to 6 to 0.002.
    for (const gap of gaps) expect(gap).toBeLessThan(3e-3);
    expect(Math.max(...stored)).toBeGreaterThan(1);
  });

  test("goes on where it was cut, and is then the same to the last bit", async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await prepare("cut", { signal: stop.signal })).toBeNull();
    const resumed = (await prepare("cut"))!;
    await resumed.close();
    const [whole, cut] = ["whole", "cut"].map((folder) => {
      const [file, ...others] = readdirSync(join(temporary, folder));
      expect(others).toEqual([]);
      return { file, bytes: readFileSync(join(temporary, folder, file!)) };
    });
    expect(cut!.file).toBe(whole!.file);
    expect(cut!.bytes.equals(whole!.bytes)).toBe(true);
  });

  test("is another for other draws", async () => {
    await (await prepare("whole", { spec: { ...spec, seed: 4, draws: 64 } }))!.close();
    expect(readdirSync(join(temporary, "whole"))).toHaveLength(2);
  });
});

describe("batches out of a bank", () => {
  const options = { seed: 1, batchSize: 8, exclude: [] as string[] };

  test("are whole pairs, the same for the same step and others for another", async () => {
    const bank = (await prepare("whole"))!;
    const sampler = new BankSampler(bank, store.faces, options);
    const [a, b, c] = [await sampler.take(0), await sampler.take(0), await sampler.take(1)];
    expect([...a.classes]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(a.statistics).toHaveLength(8 * STATISTICS_COUNT);
    expect(Buffer.compare(Buffer.from(a.statistics.buffer), Buffer.from(b.statistics.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(a.statistics.buffer), Buffer.from(c.statistics.buffer))).not.toBe(0);
    expect((await sampler.first(1000)).classes).toHaveLength(128);
    await sampler.close();
  });

  test("leave out a generator, and the self-blends, where that is asked for", async () => {
    const bank = (await prepare("whole"))!;
    const blends = bank.rows.filter(({ isReal, slot }) => isReal && slot.kind === "self-blend").length;
    expect(blends).toBeGreaterThan(10);
    const without = new BankSampler(bank, store.faces, { ...options, exclude: ["patch"] });
    expect((await without.first(1000)).classes).toHaveLength(2 * blends);
    const known = new BankSampler(bank, store.faces, { ...options, withSelfBlends: false });
    expect((await known.first(1000)).classes).toHaveLength(128 - 2 * blends);
    expect(() => new BankSampler(bank, store.faces, { ...options, exclude: ["studio"] })).toThrow(
      "Expected faces to train on, but --exclude and --validate-on leave none: studio.",
    );
    await bank.close();
  });
});
