import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import {
  discriminate,
  drawLatents,
  type GanNetwork,
  ganArchitectures,
  generate,
  generatorFromWeights,
  initGanDiscriminator,
  initGenerator,
} from "../../../src/networks/index.ts";
import { backendsHere } from "../../engine/backends.ts";

const networkOf = (architecture: GanNetwork["architecture"], classes = 0): GanNetwork => ({
  architecture,
  resolution: 16,
  width: 4,
  maxChannels: 8,
  latent: 12,
  classes,
});

const latentsOf = (network: GanNetwork, count: number, seed = 3) =>
  tf.tensor2d(drawLatents(network, count, seededRandom(seed)), [count, network.latent]);

const areNumbers = (values: ArrayLike<number>) => Array.from(values).every(Number.isFinite);

describe.each(backendsHere.filter((name) => name !== "cpu"))("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each(ganArchitectures)("%s", (architecture) => {
    const network = networkOf(architecture);

    test("makes pictures of its resolution and judges them with one logit each", async () => {
      const generator = initGenerator(network, seededRandom(1));
      const discriminator = await initGanDiscriminator("own", network, seededRandom(2));
      const images = generate(generator, latentsOf(network, 4), { mode: "inference" });
      expect(images.shape).toEqual([4, 16, 16, 3]);
      const { heads } = discriminate(discriminator, images, { mode: "inference" });
      expect(heads.map(({ shape }) => shape)).toEqual([[4, 1]]);
      expect(areNumbers(heads[0]!.dataSync())).toBe(true);
    });

    test("gives every trained tensor of both networks a gradient that is a number", async () => {
      const generator = initGenerator(network, seededRandom(1));
      const discriminator = await initGanDiscriminator("own", network, seededRandom(2));
      const random = seededRandom(5);
      const pass = { mode: "training", random, isUpdating: true } as const;
      const loss = () =>
        tf.mean(
          tf.softplus(
            discriminate(discriminator, generate(generator, latentsOf(network, 4), pass), pass).heads[0]!,
          ),
        );
      const variables = [...generator.parameters.trained, ...discriminator.parameters.trained];
      const { grads } = tf.variableGrads(() => loss() as never, variables);
      const without = [generator, discriminator].flatMap(({ parameters }) =>
        parameters.specs
          .filter(({ isTrained }) => isTrained !== false)
          .map(({ name }) => name)
          .filter((name) => {
            const gradient = grads[parameters.get(name).name];
            return gradient === undefined || !areNumbers(gradient.dataSync());
          }),
      );
      // What a fade of 1 hides: the coarser picture's layers.
      const grown = without.filter((name) => !(architecture === "progressive" && /^rgb(4|8)\//.test(name)));
      expect(grown).toEqual([]);
    });

    test("a gradient is the slope that moving the weight shows", async () => {
      const generator = initGenerator(network, seededRandom(1));
      const weight = generator.parameters.trained[0]!;
      const latents = latentsOf(network, 4);
      // The power iterations of spectral norm settle first: their gradient is exact at their end.
      for (let i = 0; i < 30; i++)
        generate(generator, latents, { mode: "training", isUpdating: true }).dispose();
      const probe = tf.tensor(
        Float32Array.from({ length: 4 * 16 * 16 * 3 }, seededRandom(8).normal),
        [4, 16, 16, 3],
      );
      const loss = () => tf.mean(tf.mul(generate(generator, latents, { mode: "training" }), probe));
      const { grads } = tf.variableGrads(() => loss() as never, [weight]);
      const gradient = grads[weight.name]!;
      const length = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]!);
      const start = weight.clone();
      const at = (step: number) => {
        weight.assign(tf.add(start, tf.mul(gradient, step / length)) as never);
        return loss().dataSync()[0]!;
      };
      const size = 0.002 * Math.sqrt(tf.mean(tf.square(start)).dataSync()[0]! * weight.size);
      const slope = (at(size) - at(-size)) / (2 * size);
      expect(slope / length).toBeGreaterThan(0.85);
      expect(slope / length).toBeLessThan(1.15);
    });

    test("its values bring back the same pictures", () => {
      const generator = initGenerator(network, seededRandom(1));
      const again = generatorFromWeights(network, generator.parameters.toFloat32());
      const [a, b] = [generator, again].map((g) =>
        generate(g, latentsOf(network, 2), { mode: "inference" }).dataSync(),
      );
      expect(Array.from(b!)).toEqual(Array.from(a!));
    });

    test("a pass forward and backward leaves no tensor behind", async () => {
      const generator = initGenerator(network, seededRandom(1));
      const latents = latentsOf(network, 4);
      const pass = { mode: "training", isUpdating: true } as const;
      const step = () => {
        const { value, grads } = tf.variableGrads(
          () => tf.mean(generate(generator, latents, pass)) as never,
          generator.parameters.trained,
        );
        tf.dispose([value, grads]);
      };
      step();
      const before = tf.memory().numTensors;
      step();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test("style drawn to 0 is one average face, whatever the latents", () => {
    const network = networkOf("style");
    const generator = initGenerator(network, seededRandom(1));
    const images = generate(generator, latentsOf(network, 2), { mode: "inference", truncation: 0 });
    const [first, second] = tf.split(images, 2).map((part) => Array.from(part.dataSync()));
    for (const [i, value] of second!.entries()) expect(value).toBeCloseTo(first![i]!, 5);
  });

  test("progressive at 4 x 4 is sixteen flat squares", () => {
    const network = networkOf("progressive");
    const generator = initGenerator(network, seededRandom(1));
    const pass = { mode: "inference", stage: { side: 4, fade: 1 } } as const;
    const images = generate(generator, latentsOf(network, 1), pass);
    const values = new Set(Array.from(images.dataSync()).map((value) => value.toFixed(5)));
    expect(values.size).toBeLessThanOrEqual(48);
  });

  test("big makes another picture of the same latents for another class", () => {
    const network = networkOf("big", 2);
    const generator = initGenerator(network, seededRandom(1));
    const images = generate(generator, latentsOf(network, 2), { mode: "inference", labels: [0, 1] });
    const other = generate(generator, latentsOf(network, 2), { mode: "inference", labels: [0, 0] });
    const gap = tf.max(tf.abs(tf.sub(images, other)), [1, 2, 3]).dataSync();
    expect(gap[0]).toBeCloseTo(0, 4);
    expect(gap[1]).toBeGreaterThan(1e-4);
  });

  test("the projected discriminator has four heads, trains them and leaves trunk and mixing alone", async () => {
    const discriminator = await initGanDiscriminator("trunk", networkOf("style"), seededRandom(1));
    const images = tf.zeros([2, 16, 16, 3]) as Tensor4D;
    const { heads } = discriminate(discriminator, images, { mode: "training" });
    expect(heads.map(({ shape }) => shape)).toEqual([
      [2, 16],
      [2, 16],
      [2, 16],
      [2, 16],
    ]);
    const trained = discriminator.parameters.specs.filter(({ isTrained }) => isTrained !== false);
    expect(trained.every(({ name }) => name.startsWith("head"))).toBe(true);
  });
});
