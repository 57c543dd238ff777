import { beforeAll, describe, expect, test } from "vitest";
import { scoreCrops } from "../../src/detection/score-crops.ts";
import { seededRandom, tf, useBackend } from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import {
  type Discriminator,
  headLogits,
  initDiscriminator,
  initGanDiscriminator,
  logits,
} from "../../src/networks/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

const size = 64;
let discriminator: Discriminator;
let crops: Uint8Array[];

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await initDiscriminator("pretrained", seededRandom(1));
  const picture = await readPortrait();
  const [x, y, width, height] = portraitFace;
  crops = [0, 8].map((shift) =>
    cropFace(picture, [x + shift, y, width, height], { sizePx: size, margin: 1.3 }),
  );
});

describe("scoreCrops", () => {
  test("gives each face's log-odds of real, and how much of what is fake is synthetic", () => {
    const rows = tf.tidy(() => {
      const pixels = Float32Array.from([...crops[0]!, ...crops[1]!]);
      const faces = tf.tensor4d(pixels, [2, size, size, 3]);
      return headLogits(discriminator.parameters, faces, "inference").classes.arraySync();
    });
    const before = tf.memory().numTensors;
    const scores = scoreCrops(discriminator, crops, size);
    expect(tf.memory().numTensors).toBe(before);
    expect(scores).toHaveLength(2);
    rows.forEach(([real, manipulated, synthetic], i) => {
      const fakes = Math.exp(manipulated!) + Math.exp(synthetic!);
      expect(scores[i]!.logit).toBeCloseTo(real! - Math.log(fakes), 4);
      expect(scores[i]!.syntheticShare).toBeCloseTo(Math.exp(synthetic!) / fakes, 5);
    });
    expect(scores[0]!.logit).not.toBe(scores[1]!.logit);
  });

  test("gives no share for a network without that head", async () => {
    const network = {
      architecture: "style",
      resolution: 64,
      width: 4,
      maxChannels: 8,
      latent: 16,
      classes: 0,
    } as const;
    const gan = await initGanDiscriminator("own", network, seededRandom(1));
    const scores = scoreCrops(gan, crops, size);
    expect(scores.map(({ syntheticShare }) => syntheticShare)).toEqual([null, null]);
    const expected = tf.tidy(() =>
      logits(gan, tf.tensor4d(Float32Array.from(crops[0]!), [1, size, size, 3]), "inference").dataSync(),
    );
    expect(scores[0]!.logit).toBeCloseTo(expected[0]!, 4);
    gan.parameters.dispose();
  });

  test("gives nothing for no faces", () => {
    expect(scoreCrops(discriminator, [], size)).toEqual([]);
  });
});
