import { beforeAll, expect, test } from "vitest";
import { type BackendName, seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import { initDiscriminator, logits } from "../../src/networks/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";
import { backendsHere, nativeMissing } from "./backends.ts";

const sizePx = 96;
let face: Float32Array;

beforeAll(async () => {
  const crop = cropFace(await readPortrait(), portraitFace, { sizePx, margin: 1.3 });
  face = Float32Array.from(crop);
});

/** Logits of the face and of its negative, by a pretrained backbone with seeded heads. */
async function logitsOn(backend: BackendName): Promise<number[]> {
  await useBackend(backend);
  const discriminator = await initDiscriminator("pretrained", seededRandom(7));
  const faces = tf.tidy(
    () => tf.tensor4d([...face, ...face.map((value) => 255 - value)], [2, sizePx, sizePx, 3]) as Tensor4D,
  );
  const z = logits(discriminator, faces, "inference");
  const values = [...(await z.data())];
  tf.dispose([faces, z]);
  discriminator.parameters.dispose();
  return values;
}

test("the same weights give the same logits on wasm and in plain JavaScript", async () => {
  const [wasm, cpu] = [await logitsOn("wasm"), await logitsOn("cpu")];
  expect(Math.abs(wasm[0]! - wasm[1]!)).toBeGreaterThan(0.01);
  for (const i of [0, 1]) expect(Math.abs(wasm[i]! - cpu[i]!)).toBeLessThan(1e-3);
});

test.skipIf(nativeMissing !== null)("the same weights give the same logits on tensorflow", async () => {
  const [wasm, native] = [await logitsOn("wasm"), await logitsOn("tensorflow")];
  expect(backendsHere).toContain("tensorflow");
  for (const i of [0, 1]) expect(Math.abs(wasm[i]! - native[i]!)).toBeLessThan(1e-3);
});
