import type { Random, Tensor, Tensor2D, Tensor4D } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import type { GanNetwork } from "./gan-network-schema.ts";

export { type GanArchitecture, ganArchitectures } from "../architecture-names.ts";
export type { GanNetwork };

/** Growth of `progressive`: all levels up to `side`; the last one is blended in with weight `fade`. */
export interface Stage {
  /** 4, 8, 16 ... resolution. */
  readonly side: number;
  /** In (0, 1]; 1 = fully blended in. */
  readonly fade: number;
}

/** Options of one pass through a network. */
export interface Pass {
  /** `training`: batch statistics and gradients; `inference`: running statistics. */
  readonly mode: "training" | "inference";
  /** Whether running statistics and power iterations are updated; one pass per step. */
  readonly isUpdating?: boolean;
  /** Class of each image; `big` only. */
  readonly labels?: readonly number[];
  /** Source of the per-pixel noise of `style`; no noise if absent. */
  readonly random?: Random;
  /** Default: the growth stored with the network. */
  readonly stage?: Stage;
  /** Truncation of `style` in [0, 1]: 1 = none, 0 = the average face. */
  readonly truncation?: number;
  /** False makes the result of an image independent of the batch (no minibatch standard deviation). Default true. */
  readonly hasBatchStatistics?: boolean;
}

/** Output of a discriminator. */
export interface DiscriminatorOutput {
  /** Logits [N, K] of each head; above 0 is real. */
  readonly heads: readonly Tensor[];
  /** Input of the last layer [N, F], for feature matching (Salimans et al. 2016). */
  readonly features: Tensor2D;
}

/** One GAN architecture: the tensors of both networks and their forward passes. */
export interface GanFamily {
  generatorSpecs(network: GanNetwork): ParameterSpec[];
  /** @param latents float32 [N, latent] @returns float32 [N, S, S, 3], about [-1, 1] */
  generate(p: Parameters, network: GanNetwork, latents: Tensor2D, pass: Pass): Tensor4D;
  discriminatorSpecs(network: GanNetwork): ParameterSpec[];
  /** @param images float32 [N, S, S, 3] in [-1, 1] */
  discriminate(p: Parameters, network: GanNetwork, images: Tensor4D, pass: Pass): DiscriminatorOutput;
}

/** Channels of a level: `width` at full resolution, doubled per halving, at most `maxChannels`. */
export function channelsAt(network: GanNetwork, side: number): number {
  return Math.min(network.maxChannels, (network.width * network.resolution) / side);
}

/** 8, 16, ... resolution. */
export function sidesAboveFour(network: GanNetwork): number[] {
  const sides: number[] = [];
  for (let side = 8; side <= network.resolution; side *= 2) sides.push(side);
  return sides;
}
