import type { Random, Tensor, Tensor2D, Tensor4D } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import type { GanNetwork } from "./gan-network-schema.ts";

export { type GanArchitecture, ganArchitectures } from "../architecture-names.ts";
export type { GanNetwork };

/** How far `progressive` has grown: all levels up to `side`, whose part in the picture is `fade`. */
export interface Stage {
  /** 4, 8, 16 ... resolution. */
  readonly side: number;
  /** In (0, 1]; 1 = grown in. */
  readonly fade: number;
}

/** What one pass through a network needs besides its input. */
export interface Pass {
  /** Batch statistics and gradients in training, running statistics in inference. */
  readonly mode: "training" | "inference";
  /** Whether running statistics and power iterations move; one pass a step. */
  readonly isUpdating?: boolean;
  /** Class of each image, `big` only. */
  readonly labels?: readonly number[];
  /** Draws of the per-pixel noise of `style`; none when left out. */
  readonly random?: Random;
  /** As far as the network says when left out. */
  readonly stage?: Stage;
  /** Style in [0, 1] of the truncation trick (`style`): 1 = none, 0 = the average face. */
  readonly truncation?: number;
  /** Statistics over the batch in the discriminator; false where an image must be judged by itself. */
  readonly hasBatchStatistics?: boolean;
}

/** What a discriminator says of a batch. */
export interface DiscriminatorOutput {
  /** One tensor [N, K] for each head; above 0 leans to authentic. */
  readonly heads: readonly Tensor[];
  /** [N, F], what the last layer sees: for feature matching (Salimans et al. 2016). */
  readonly features: Tensor2D;
}

/** One architecture: two lists of tensors and two functions over them. */
export interface GanFamily {
  generatorSpecs(network: GanNetwork): ParameterSpec[];
  /** @param latents float32 [N, latent] @returns float32 [N, S, S, 3], about [-1, 1] */
  generate(p: Parameters, network: GanNetwork, latents: Tensor2D, pass: Pass): Tensor4D;
  discriminatorSpecs(network: GanNetwork): ParameterSpec[];
  /** @param images float32 [N, S, S, 3] in [-1, 1] */
  discriminate(p: Parameters, network: GanNetwork, images: Tensor4D, pass: Pass): DiscriminatorOutput;
}

/** Channels at a level: `width` at full resolution, twice as many a level down, `maxChannels` at most. */
export function channelsAt(network: GanNetwork, side: number): number {
  return Math.min(network.maxChannels, (network.width * network.resolution) / side);
}

/** 8, 16, ... resolution. */
export function sidesAboveFour(network: GanNetwork): number[] {
  const sides: number[] = [];
  for (let side = 8; side <= network.resolution; side *= 2) sides.push(side);
  return sides;
}
