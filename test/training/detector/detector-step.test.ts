import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import { cropFace } from "../../../src/faces/index.ts";
import {
  classLogits,
  type Discriminator,
  logits,
  Parameters,
  startDiscriminator,
  trainedVariables,
} from "../../../src/networks/index.ts";
import { AdamW } from "../../../src/training/detector/adamw.ts";
import {
  adversarialAt,
  learningRateAt,
  scoreFaces,
  trainStep,
} from "../../../src/training/detector/detector-step.ts";
import { averageInto } from "../../../src/training/weight-update.ts";
import { portraitFace, readPortrait } from "../../faces/portrait.ts";

// Below 64 pixels the pretrained trunk sees nothing: all of its features are 0. At 64 a rate of 5e-4 kills them.
const size = 64;
const options = { size, learningRate: 2e-4, clipNorm: 1, dropout: 0, labelSmoothing: 0, seed: 1 };
let batch: { faces: Uint8Array; classes: Uint8Array };

/** Eight faces: the portrait in four framings, each as it is and with a green patch. */
beforeAll(async () => {
  await useBackend("wasm");
  const picture = await readPortrait();
  const marked = picture.data.slice();
  for (let row = 130; row < 150; row++)
    for (let column = 190; column < 214; column++) marked.set([32, 192, 64], (row * 512 + column) * 3);
  const [x, y, width, height] = portraitFace;
  const faces = new Uint8Array(8 * size * size * 3);
  for (let i = 0; i < 8; i++) {
    const source = i % 2 === 0 ? picture : { ...picture, data: marked };
    const shift = Math.floor(i / 2) * 4;
    const crop = cropFace(source, [x - shift, y + shift / 2, width, height], { sizePx: size, margin: 1.3 });
    faces.set(crop, i * crop.length);
  }
  batch = { faces, classes: Uint8Array.of(0, 1, 0, 1, 0, 1, 0, 1) };
});

async function start(): Promise<{ discriminator: Discriminator; optimizer: AdamW; dispose: () => void }> {
  const discriminator = await startDiscriminator("face-trunk", seededRandom(1));
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
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses[0]).toBeLessThan(1);
    expect(losses.at(-1)).toBeLessThan(0.1);
    async function* crops() {
      for (let i = 0; i < 8; i++) yield batch.faces.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    }
    const scores = await scoreFaces((faces) => logits(discriminator, faces, "inference"), crops(), size);
    expect(scores.map((score) => score > 0)).toEqual([...batch.classes].map((of) => of === 0));
    dispose();
  });

  test("an adversarial step sees harder faces: its loss is higher, the more so the larger the change", async () => {
    const { discriminator, optimizer, dispose } = await start();
    for (let i = 0; i < 6; i++) trainStep(discriminator, optimizer, batch, options);
    const before = discriminator.parameters.toFloat32();
    const tensors = tf.memory().numTensors;
    const lossWith = (adversarial: number) => {
      discriminator.parameters.assign(before);
      return trainStep(discriminator, optimizer, batch, { ...options, adversarial });
    };
    const [plain, little, much] = [lossWith(0), lossWith(1), lossWith(8)];
    expect(little).toBeGreaterThan(plain);
    expect(much).toBeGreaterThan(little);
    expect(tf.memory().numTensors).toBe(tensors);
    dispose();
  });

  test("gives the cross-entropy before the update, of smoothed labels", async () => {
    const { discriminator, optimizer, dispose } = await start();
    async function* crops() {
      for (let i = 0; i < 8; i++) yield batch.faces.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    }
    const scores = await scoreFaces((faces) => logits(discriminator, faces, "inference"), crops(), size);
    const expected = (smoothing: number) =>
      scores.reduce((sum, z, i) => {
        const target = (1 - batch.classes[i]!) * (1 - smoothing) + smoothing / 2;
        const p = 1 / (1 + Math.exp(-z));
        return sum - (target * Math.log(p) + (1 - target) * Math.log(1 - p)) / 8;
      }, 0);
    const loss = trainStep(discriminator, optimizer, batch, { ...options, labelSmoothing: 0.2 });
    expect(loss).toBeCloseTo(expected(0.2), 4);
    expect(loss).not.toBeCloseTo(expected(0), 4);
    dispose();
  });

  test("gives the cross-entropy over three classes where the network tells them apart", async () => {
    const discriminator = await startDiscriminator("face-trunk", seededRandom(1), "trunk-face");
    const optimizer = new AdamW(trainedVariables(discriminator, "frozen"), { weightDecay: 0.02 });
    const classes = Uint8Array.of(0, 1, 0, 2, 0, 1, 0, 2);
    const faces = tf.tensor4d(new Float32Array(batch.faces), [8, size, size, 3]);
    const rows = classLogits(discriminator, faces, "inference").arraySync() as number[][];
    const own = logits(discriminator, faces, "inference").dataSync();
    const expected = rows.reduce((sum, row, i) => {
      const total = row.reduce((all, z) => all + Math.exp(z), 0);
      // The logit weighs authentic against both others together.
      const first = Math.exp(row[0]!) / total;
      expect(own[i]).toBeCloseTo(Math.log(first / (1 - first)), 4);
      const targets = row.map((_, k) => (k === classes[i] ? 0.8 : 0) + 0.2 / 3);
      return sum - row.reduce((all, z, k) => all + targets[k]! * Math.log(Math.exp(z) / total), 0) / 8;
    }, 0);
    const step = { ...options, labelSmoothing: 0.2, trunk: "frozen" } as const;
    expect(trainStep(discriminator, optimizer, { ...batch, classes }, step)).toBeCloseTo(expected, 4);
    tf.dispose(faces);
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
    discriminator.parameters.get("head/bias").assign(tf.tensor1d([Number.NaN]));
    const before = discriminator.parameters.get("head/kernel").dataSync().slice();
    const tensors = tf.memory().numTensors;
    expect(trainStep(discriminator, optimizer, batch, options)).toBeNaN();
    expect(discriminator.parameters.get("head/kernel").dataSync()).toEqual(before);
    expect(optimizer.step).toBe(0);
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

test("adversarialAt rises in a line and stays where it is from the middle on", () => {
  const reached = [0, 1, 4, 5, 9].map((step) => adversarialAt(step, { most: 2, steps: 10 }));
  expect(reached).toEqual([0.4, 0.8, 2, 2, 2]);
  expect(adversarialAt(0, { most: 2, steps: 1 })).toBe(2);
  expect(adversarialAt(7, { most: 0, steps: 10 })).toBe(0);
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
