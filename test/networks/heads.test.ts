import { beforeAll, describe, expect, test } from "vitest";
import {
  seededRandom,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
  useBackend,
} from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import {
  type Discriminator,
  headLogits,
  initDiscriminator,
  logits,
  realLogit,
  trainedVariables,
} from "../../src/networks/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

let discriminator: Discriminator;
/** The portrait's face and its mirror image, float32 [2, 96, 96, 3]. */
let faces: Tensor4D;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await initDiscriminator("pretrained", seededRandom(1));
  // A new localization head is 0 everywhere.
  const random = seededRandom(2);
  const kernel = discriminator.parameters.get("localization/kernel");
  kernel.assign(
    tf.tensor(
      Float32Array.from({ length: kernel.size }, () => 0.1 * random.normal()),
      kernel.shape,
    ),
  );
  discriminator.parameters.get("localization/bias").assign(tf.tensor1d([0.3]));
  const crop = cropFace(await readPortrait(), portraitFace, { sizePx: 96, margin: 1.3 });
  const face = tf.tensor4d(Float32Array.from(crop), [1, 96, 96, 3]) as Tensor4D;
  faces = tf.concat([face, tf.reverse(face, 2)]) as Tensor4D;
});

const largestGap = (a: Tensor, b: Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

describe("the heads", () => {
  test("give three classes a face and a localization map with a cell for each 16 px", () => {
    const { classes, localization } = headLogits(discriminator.parameters, faces, "inference");
    expect(classes.shape).toEqual([2, 3]);
    expect(localization.shape).toEqual([2, 6, 6]);
    expect(new Set(classes.dataSync()).size).toBe(6);
    expect(new Set(localization.dataSync()).size).toBeGreaterThan(60);
  });

  test("put each cell of the localization map where it lies in the face", () => {
    const covered = tf.tidy(() => {
      const patch = tf.pad(tf.fill([1, 16, 16, 3], 255), [
        [0, 0],
        [0, 80],
        [80, 0],
        [0, 0],
      ]);
      return tf.maximum(tf.slice(faces, [0], [1]), patch) as Tensor4D;
    });
    const map = (of: Tensor4D) => headLogits(discriminator.parameters, of, "inference").localization;
    const change = tf.tidy(() =>
      tf.abs(tf.sub(map(covered), map(tf.slice(faces, [0], [1]) as Tensor4D))).dataSync(),
    );
    const corners = [0, 5, 30, 35].map((i) => change[i]!);
    // The patch lies at the top right.
    expect(Math.max(...corners)).toBe(corners[1]);
    expect(corners[1]).toBeGreaterThan(2 * corners[2]!);
  });

  test("give the same numbers with the training kernels, and with a frozen backbone in training", () => {
    const inference = headLogits(discriminator.parameters, faces, "inference");
    for (const isBackboneFrozen of [false, true]) {
      const training = headLogits(discriminator.parameters, faces, "training", { isBackboneFrozen });
      expect(largestGap(training.classes, inference.classes)).toBeLessThan(1e-4);
      expect(largestGap(training.localization, inference.localization)).toBeLessThan(1e-3);
    }
  });

  test("drop features of the classification head only, and only in training", () => {
    const options = { dropout: 0.5, seed: 3 };
    const plain = headLogits(discriminator.parameters, faces, "inference", options);
    expect(largestGap(plain.classes, headLogits(discriminator.parameters, faces, "inference").classes)).toBe(
      0,
    );
    const dropped = headLogits(discriminator.parameters, faces, "training", options);
    expect(largestGap(dropped.classes, plain.classes)).toBeGreaterThan(1e-3);
    expect(largestGap(dropped.localization, plain.localization)).toBeLessThan(1e-3);
  });

  test("pass gradients to every tensor, or to their own alone where the backbone is frozen", () => {
    const gradientsOf = (isBackboneFrozen: boolean) => {
      const variables = trainedVariables(discriminator, isBackboneFrozen);
      const { value, grads } = tf.variableGrads(() => {
        const heads = headLogits(discriminator.parameters, faces, "training", { isBackboneFrozen });
        return tf.add(tf.sum(realLogit(heads.classes)), tf.mean(heads.localization)) as never;
      }, variables);
      const norms = variables.map(({ name }) => tf.tidy(() => tf.norm(grads[name]!).dataSync()[0]!));
      tf.dispose([value, grads]);
      return norms;
    };
    const [all, heads] = [gradientsOf(false), gradientsOf(true)];
    expect(all).toHaveLength(discriminator.parameters.specs.length);
    expect(heads).toHaveLength(4);
    for (const norm of [...all, ...heads]) expect(norm).toBeGreaterThan(0);
    heads.forEach((norm, i) => {
      expect(norm / all.at(i - 4)!).toBeCloseTo(1, 3);
    });
  });

  test("leave no tensors behind but their two", () => {
    for (const mode of ["training", "inference"] as const) {
      const before = tf.memory().numTensors;
      const { classes, localization } = headLogits(discriminator.parameters, faces, mode, { dropout: 0.3 });
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([classes, localization]);
    }
  });
});

describe("realLogit", () => {
  const rows = [
    [0.2, -1, 3],
    [5, 0, 0],
    [-40, 60, -2],
  ];

  test("is the log-odds of real by the softmax over the classes", () => {
    const values = tf.tidy(() => realLogit(tf.tensor2d(rows)).dataSync());
    rows.slice(0, 2).forEach((row, i) => {
      const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
      const real = Math.exp(row[0]!) / total;
      expect(values[i]).toBeCloseTo(Math.log(real / (1 - real)), 4);
    });
    // The probability itself would round to 0.
    expect(values[2]).toBeCloseTo(-100, 4);
  });

  test("is the logit that detection calibrates", () => {
    const expected = tf.tidy(() =>
      realLogit(headLogits(discriminator.parameters, faces, "inference").classes as Tensor2D),
    );
    const before = tf.memory().numTensors;
    const actual = logits(discriminator, faces, "inference");
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(actual.shape).toEqual([2]);
    expect(largestGap(actual, expected)).toBe(0);
  });
});
