import { expect, test } from "vitest";
import { relu, relu6, type Tensor1D, tf, useBackend } from "../../src/engine/index.ts";
import { backendsHere } from "./backends.ts";

const x = [-1, 0, 0.5, 3, 5.5, 6, 7];

test.each(backendsHere)("relu6 cuts at 0 and 6 on %s", async (backend) => {
  await useBackend(backend);
  const y = tf.tidy(() => [...relu6(tf.tensor1d(x)).dataSync()]);
  expect(y).toEqual([0, 0, 0.5, 3, 5.5, 6, 6]);
});

test.each(backendsHere)("relu6 lets gradients through strictly between 0 and 6 on %s", async (backend) => {
  await useBackend(backend);
  const before = tf.memory().numTensors;
  const gradient = tf.tidy(() => {
    const weights = tf.tensor1d([1, 2, 3, 4, 5, 6, 7]);
    const loss = tf.grad((input) => tf.sum(tf.mul(relu6(input as Tensor1D), weights)));
    return [...loss(tf.tensor1d(x)).dataSync()];
  });
  expect(gradient).toEqual([0, 0, 3, 4, 5, 0, 0]);
  expect(tf.memory().numTensors).toBe(before);
});

test.each(backendsHere)("relu cuts at 0 and lets gradients through above it on %s", async (backend) => {
  await useBackend(backend);
  const [y, gradient] = tf.tidy(() => {
    const loss = tf.grad((input) => tf.sum(tf.square(relu(input as Tensor1D))));
    return [[...relu(tf.tensor1d(x)).dataSync()], [...loss(tf.tensor1d(x)).dataSync()]];
  });
  expect(y).toEqual([0, 0, 0.5, 3, 5.5, 6, 7]);
  expect(gradient).toEqual([0, 0, 1, 6, 11, 12, 14]);
});
