import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import { cropFace } from "../../../src/faces/index.ts";
import {
  type Discriminator,
  headLogits,
  initDiscriminator,
  logits,
  Parameters,
  trainedVariables,
} from "../../../src/networks/index.ts";
import { AdamW } from "../../../src/training/adamw.ts";
import { learningRateAt, scoreFaces, trainStep } from "../../../src/training/detector/detector-step.ts";
import type { FaceBatch } from "../../../src/training/detector/face-batch.ts";
import { averageInto } from "../../../src/training/weight-update.ts";
import { portraitFace, readPortrait } from "../../faces/portrait.ts";

// Below 64 pixels the pretrained backbone sees nothing: all of its features are 0. At 64 a rate of 5e-4 kills them.
const size = 64;
const options = { size, learningRate: 2e-4, clipNorm: 1, dropout: 0, labelSmoothing: 0, seed: 1 };
/** Side of the localization map. */
const cells = 4;
let batch: FaceBatch;

/** Eight faces: the portrait in four framings, each as it is and with a green patch. */
beforeAll(async () => {
  await useBackend("wasm");
  const picture = await readPortrait();
  const marked = picture.data.slice();
  for (let row = 130; row < 150; row++)
    for (let column = 190; column < 214; column++) marked.set([32, 192, 64], (row * 512 + column) * 3);
  const [x, y, width, height] = portraitFace;
  const faces = new Uint8Array(8 * size * size * 3);
  const maps = new Float32Array(8 * cells * cells);
  for (let i = 0; i < 8; i++) {
    const source = i % 2 === 0 ? picture : { ...picture, data: marked };
    const shift = Math.floor(i / 2) * 4;
    const crop = cropFace(source, [x - shift, y + shift / 2, width, height], { sizePx: size, margin: 1.3 });
    faces.set(crop, i * crop.length);
    const clean = i % 2 === 0 ? crop : faces.subarray((i - 1) * crop.length, i * crop.length);
    maps.set(changedCells(crop, clean), i * cells * cells);
  }
  const classes = Uint8Array.of(0, 1, 0, 2, 0, 1, 0, 2);
  batch = { faces, classes, maps, mapWeights: new Float32Array(8).fill(1) };
});

/** 1 for each cell of 16 px in which a twentieth of the pixels differ. */
function changedCells(a: Uint8Array, b: Uint8Array): Float32Array {
  const counts = new Float32Array(cells * cells);
  for (let i = 0; i < size * size; i++) {
    const cell = Math.floor(i / size / 16) * cells + Math.floor((i % size) / 16);
    if (Math.abs(a[3 * i]! - b[3 * i]!) > 20) counts[cell]!++;
  }
  return counts.map((count) => (count > 16 * 16 * 0.05 ? 1 : 0));
}

/** What the heads say of the batch. */
function judge({ parameters }: Discriminator): { classes: number[][]; maps: Float32Array } {
  return tf.tidy(() => {
    const faces = tf.tensor4d(new Float32Array(batch.faces), [8, size, size, 3]);
    const { classes, localization } = headLogits(parameters, faces, "inference");
    return { classes: classes.arraySync(), maps: localization.dataSync() as Float32Array };
  });
}

async function start(): Promise<{ discriminator: Discriminator; optimizer: AdamW; dispose: () => void }> {
  const discriminator = await initDiscriminator("pretrained", seededRandom(1));
  const optimizer = new AdamW(discriminator.parameters.variables, { weightDecay: 0.02 });
  const dispose = () => {
    discriminator.parameters.dispose();
    optimizer.dispose();
  };
  return { discriminator, optimizer, dispose };
}

describe("trainStep", () => {
  test("eight faces are learnt by heart in 16 steps", async () => {
    const { discriminator, optimizer, dispose } = await start();
    const losses = Array.from({ length: 16 }, () => trainStep(discriminator, optimizer, batch, options));
    // ln 3 for the classes, and 0.4 ln 2 for a map that says nothing yet.
    expect(losses[0]).toBeGreaterThan(0.9);
    expect(losses[0]).toBeLessThan(1.9);
    expect(losses.at(-1)).toBeLessThan(0.35);
    const { classes } = judge(discriminator);
    expect(classes.map((row) => row.indexOf(Math.max(...row)))).toEqual([...batch.classes]);
    async function* crops() {
      for (let i = 0; i < 8; i++) yield batch.faces.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    }
    const scores = await scoreFaces((faces) => logits(discriminator, faces, "inference"), crops(), size);
    expect(scores.map((score) => score > 0)).toEqual([...batch.classes].map((of) => of === 0));
    dispose();
  }, 300_000);

  test("gives the loss before the update: smoothed classes, and 0.4 of the maps that are known", async () => {
    const { discriminator, optimizer, dispose } = await start();
    // A localization head that says something.
    const kernel = discriminator.parameters.get("localization/kernel");
    const random = seededRandom(5);
    kernel.assign(
      tf.tensor(
        Float32Array.from({ length: kernel.size }, () => 0.1 * random.normal()),
        kernel.shape,
      ),
    );
    const mapWeights = Float32Array.of(1, 0, 1, 1, 1, 0, 1, 1);
    const { classes, maps } = judge(discriminator);
    const classification = classes.reduce((sum, row, i) => {
      const total = row.reduce((all, z) => all + Math.exp(z), 0);
      const targets = row.map((_, k) => (k === batch.classes[i] ? 0.8 : 0) + 0.2 / 3);
      return sum - row.reduce((all, z, k) => all + targets[k]! * Math.log(Math.exp(z) / total), 0) / 8;
    }, 0);
    const localization = maps.reduce((sum, z, i) => {
      const p = 1 / (1 + Math.exp(-z));
      const y = batch.maps[i]!;
      const loss = -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
      return sum + (mapWeights[Math.floor(i / cells ** 2)]! * loss) / cells ** 2 / 8;
    }, 0);
    expect(localization).toBeGreaterThan(0.1);
    const step = { ...options, labelSmoothing: 0.2 };
    const loss = trainStep(discriminator, optimizer, { ...batch, mapWeights }, step);
    expect(loss).toBeCloseTo(classification + 0.4 * localization, 3);
    dispose();
  });

  test("learns nothing from a map that is not known", async () => {
    const { discriminator, optimizer, dispose } = await start();
    const before = discriminator.parameters.get("localization/kernel").dataSync().slice();
    trainStep(discriminator, optimizer, { ...batch, mapWeights: new Float32Array(8) }, options);
    // Weights of 0 do not decay.
    expect(discriminator.parameters.get("localization/kernel").dataSync()).toEqual(before);
    dispose();
  });

  test("with a frozen backbone learns where eight faces are fake, and leaves every weight but the heads' as it was", async () => {
    const discriminator = await initDiscriminator("pretrained", seededRandom(1));
    const optimizer = new AdamW(trainedVariables(discriminator, true), { weightDecay: 0.02 });
    const before = discriminator.parameters.variables.map((v) => v.dataSync().slice());
    const step = { ...options, learningRate: 1e-2, freezeBackbone: true };
    const losses = Array.from({ length: 60 }, () => trainStep(discriminator, optimizer, batch, step));
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.5);
    const { maps } = judge(discriminator);
    expect([...batch.maps].filter((value) => value === 1).length).toBeGreaterThan(3);
    expect([...maps].map((z) => (z > 0 ? 1 : 0))).toEqual([...batch.maps]);
    const changed = discriminator.parameters.specs.filter((_, i) =>
      discriminator.parameters.variables[i]!.dataSync().some((value, k) => value !== before[i]![k]),
    );
    expect(changed.map(({ name }) => name)).toEqual([
      "classes/kernel",
      "classes/bias",
      "localization/kernel",
      "localization/bias",
    ]);
    discriminator.parameters.dispose();
    optimizer.dispose();
  });

  test("changes every tensor, leaves the batch as it was and no tensors behind", async () => {
    const { discriminator, optimizer, dispose } = await start();
    const copy = batch.faces.slice();
    const before = discriminator.parameters.variables.map((v) => v.dataSync().slice());
    const tensors = tf.memory().numTensors;
    trainStep(discriminator, optimizer, batch, { ...options, dropout: 0.3 });
    expect(tf.memory().numTensors).toBe(tensors);
    const isChanged = discriminator.parameters.variables.map((v, i) =>
      v.dataSync().some((value, k) => value !== before[i]![k]),
    );
    expect(isChanged).toEqual(before.map(() => true));
    expect(Buffer.compare(batch.faces, copy)).toBe(0);
    dispose();
  });

  test("with a loss that is no number changes nothing", async () => {
    const { discriminator, optimizer, dispose } = await start();
    discriminator.parameters.get("classes/bias").assign(tf.tensor1d([Number.NaN, 0, 0]));
    const before = discriminator.parameters.get("classes/kernel").dataSync().slice();
    const tensors = tf.memory().numTensors;
    expect(trainStep(discriminator, optimizer, batch, options)).toBeNaN();
    expect(discriminator.parameters.get("classes/kernel").dataSync()).toEqual(before);
    expect(optimizer.counts.every((count) => count === 0)).toBe(true);
    expect(tf.memory().numTensors).toBe(tensors);
    dispose();
  });
});

describe("learningRateAt", () => {
  const schedule = { peak: 1, warmUp: 4, steps: 12 };

  test("rises in a line, then falls by half a cosine to nothing", () => {
    const rates = [0, 1, 2, 3, 4, 6, 8, 10, 12].map((step) => learningRateAt(step, schedule));
    const expected = [0.25, 0.5, 0.75, 1, 1, 0.5 + Math.SQRT1_2 / 2, 0.5, 0.5 - Math.SQRT1_2 / 2, 0];
    for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[i]!, 12);
  });

  test("begins at its peak without warm-up, and stands a warm-up as long as the run", () => {
    expect(learningRateAt(0, { peak: 0.3, warmUp: 0, steps: 10 })).toBe(0.3);
    expect(learningRateAt(9, { peak: 0.3, warmUp: 10, steps: 10 })).toBe(0.3);
  });
});

describe("averageInto", () => {
  test("moves each value of the average by its share", () => {
    const hold = (values: number[]) =>
      new Parameters([{ name: "a", shape: [2] }], () => Float32Array.from(values));
    const [average, current] = [hold([0, 4]), hold([1, 8])];
    const tensors = tf.memory().numTensors;
    averageInto(average.variables, current.variables, 0.75);
    expect([...average.toFloat32()]).toEqual([0.25, 5]);
    averageInto(average.variables, current.variables, 0);
    expect([...average.toFloat32()]).toEqual([1, 8]);
    expect([...current.toFloat32()]).toEqual([1, 8]);
    expect(tf.memory().numTensors).toBe(tensors);
    average.dispose();
    current.dispose();
  });
});
