import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type Tensor3D, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import { CostMeter, countOperations } from "../../../src/training/gan/cost.ts";

// Each operation is one kernel of this backend.
beforeAll(() => useBackend("cpu"));

const isMeasured = await access("/sys/class/powercap/intel-rapl:0/energy_uj", constants.R_OK).then(
  () => true,
  () => false,
);

describe("the cost of a run", () => {
  test("counts wall time on from an earlier part of it", async () => {
    const meter = await CostMeter.start(65, { wallSec: 1000, energyWh: 2 });
    const began = performance.now();
    await sleep(100);
    const waitedSec = (performance.now() - began) / 1000;
    const { wallSec } = await meter.read();
    expect(wallSec - 1000).toBeGreaterThanOrEqual(waitedSec);
    expect(wallSec - 1000).toBeLessThan(waitedSec + 5);
  });

  // Where the processor measures its energy, nothing is estimated.
  test.skipIf(isMeasured)("without a measurement is the stated watts times the seconds", async () => {
    const meter = await CostMeter.start(7200);
    await sleep(50);
    for (let i = 0; i < 2; i++) {
      const { wallSec, energyWh, energyFrom } = await meter.read();
      expect(wallSec).toBeGreaterThan(0.04);
      // 7,200 watts are 2 Wh a second.
      expect(energyWh).toBeCloseTo(2 * wallSec, 9);
      expect(energyFrom).toBe("estimate");
    }
  });

  // Where the processor measures its energy, nothing is estimated.
  test.skipIf(isMeasured)(
    "adds the estimate to what an earlier part has cost, at whatever watts",
    async () => {
      const first = await CostMeter.start(3600);
      await sleep(50);
      const before = await first.read();
      const second = await CostMeter.start(36_000, before);
      await sleep(50);
      const { wallSec, energyWh } = await second.read();
      expect(wallSec).toBeGreaterThan(before.wallSec + 0.04);
      expect(energyWh - before.energyWh).toBeCloseTo(10 * (wallSec - before.wallSec), 9);
    },
  );
});

describe("operations, a multiplication and an addition each,", () => {
  test("of a matrix product are counted by its three sides", async () => {
    expect(await countOperations(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 4])))).toBe(2 * 2 * 3 * 4);
    const batch = () => tf.matMul(tf.ones([5, 2, 3]) as Tensor3D, tf.ones([5, 3, 4]) as Tensor3D);
    expect(await countOperations(batch)).toBe(2 * 5 * 2 * 3 * 4);
  });

  test("of a convolution are its kernel's values for each place that comes out", async () => {
    const image = () => tf.ones([3, 8, 8, 2]) as Tensor4D;
    const kernel = () => tf.ones([3, 3, 2, 5]) as Tensor4D;
    expect(await countOperations(() => tf.conv2d(image(), kernel(), 2, "same"))).toBe(
      2 * (3 * 4 * 4) * (3 * 3 * 2 * 5),
    );
  });

  test("of a transposed convolution are its kernel's values for each place that goes in", async () => {
    const image = () => tf.ones([3, 4, 4, 5]) as Tensor4D;
    const kernel = () => tf.ones([4, 4, 2, 5]) as Tensor4D;
    const up = () => tf.conv2dTranspose(image(), kernel(), [3, 8, 8, 2], 2, "same");
    const expected = 2 * (3 * 4 * 4) * (4 * 4 * 2 * 5);
    expect(await countOperations(up)).toBe(expected);
    // There it is made of another convolution, which counts no more.
    await useBackend("wasm");
    expect(await countOperations(up)).toBe(expected);
    await useBackend("cpu");
  });
});
