import { seededRandom, type Tensor, type Tensor4D, tf } from "../../engine/index.ts";
import { discriminate, drawLatents, generate, type Parameters } from "../../networks/index.ts";
import { countOperations } from "./cost.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import type { GanState } from "./gan-state.ts";
import { describeSplit, type SplitCounts } from "./split-counts.ts";

/** Floating-point operations per image of the fully grown networks; a multiply-add counts as two. */
export interface Operations {
  readonly generator: number;
  readonly discriminator: number;
  /** Operations of a training step per image; a backward pass counts twice a forward pass. */
  readonly training: number;
}

/** Counts the operations of both networks by running them once on four images. */
export async function countGanOperations(state: GanState, options: ResolvedGanOptions): Promise<Operations> {
  const { network } = state.generator;
  const count = 4;
  const latents = tf.tensor2d(drawLatents(network, count, seededRandom(0)), [count, network.latent]);
  const pictures = tf.zeros([count, network.resolution, network.resolution, 3]) as Tensor4D;
  const pass = { mode: "training" } as const;
  const g = (await countOperations(() => generate(state.generator, latents, pass))) / count;
  const d = (await countOperations(() => discriminate(state.discriminator, pictures, pass).heads[0])) / count;
  tf.dispose([latents, pictures] as Tensor[]);
  // D step: G forward, D forward and backward on reals and fakes. G step: G and D forward and backward, without the weights of D.
  const penalty = options.r1 > 0 ? (8 * d) / options.r1Every : 0;
  return { generator: g, discriminator: d, training: 4 * g + 8 * d + penalty };
}

/** Readable description of the networks and the plan of a run. */
export function describePlan(
  state: GanState,
  options: ResolvedGanOptions,
  { split, operations: o }: { split: SplitCounts; operations: Operations },
): string {
  const steps = Math.ceil((options.kimg * 1000) / options.batch);
  const giga = (value: number) => `${(value / 1e9).toFixed(3)} GFLOP`;
  return [
    listNetwork("generator", state.generator.parameters),
    listNetwork(`discriminator (${state.discriminator.architecture})`, state.discriminator.parameters),
    "plan",
    `  data           ${describeSplit(split)}`,
    `  length         ${options.kimg} kimg: ${steps} steps of ${options.batch}, ${((options.kimg * 1000) / split.train).toFixed(1)} passes over the data`,
    `  loss           ${options.loss}, R1 ${Number(options.r1.toPrecision(3))} every ${options.r1Every} steps, label smoothing ${options.labelSmoothing}, feature matching ${options.featureMatching}`,
    `  optimiser      Adam(${options.beta1}, ${options.beta2}), learning rates ${options.gLearningRate} (generator) and ${options.dLearningRate}, ${options.schedule}`,
    `  augmentation   ${options.augment}`,
    `  average        half-life ${options.emaKimg} kimg`,
    `  work           ${giga(o.generator)} per generated image, ${giga(o.discriminator)} per discriminated image, ${giga(o.training)} per training image`,
    "",
  ].join("\n");
}

function listNetwork(title: string, parameters: Parameters): string {
  const width = Math.max(...parameters.specs.map(({ name }) => name.length));
  const rows = parameters.specs.map(({ name, shape, isTrained }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const note = isTrained === false ? "  not trained" : "";
    return `  ${name.padEnd(width)}  [${shape.join(", ")}]  ${size}${note}`;
  });
  return [`${title}: ${parameters.count} values`, ...rows, ""].join("\n");
}
