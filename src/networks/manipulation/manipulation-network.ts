import { z } from "zod";

/** Kinds of manipulation models. Both map a face to a face; GANs map noise to a face. */
export const manipulationKinds = ["restoration", "swap"] as const;
export type ManipulationKind = (typeof manipulationKinds)[number];

/** The two people of a swap. */
export const people = ["a", "b"] as const;
export type Person = (typeof people)[number];

/** Sizes of a manipulation network, stored with its weights. */
export const manipulationNetworkSchema = z.strictObject({
  kind: z.enum(manipulationKinds),
  resolution: z
    .int()
    .min(32)
    .max(128)
    .refine((side) => Number.isInteger(Math.log2(side)), "32, 64 or 128"),
  width: z.int().min(4).max(64).describe("Channels at full resolution; they double with each halving"),
});
export type ManipulationNetwork = z.infer<typeof manipulationNetworkSchema>;

/** Maximum number of channels at low resolution. */
const MAX_CHANNELS = 128;

/** Number of channels of the feature map with the given side. */
export function channelsAt({ resolution, width }: ManipulationNetwork, side: number): number {
  return Math.min(MAX_CHANNELS, (width * resolution) / side);
}

/** Sides of the feature maps, from half the resolution down to `last`. */
export function sidesDownTo(last: number, { resolution }: ManipulationNetwork): number[] {
  const sides: number[] = [];
  for (let side = resolution / 2; side >= last; side /= 2) sides.push(side);
  return sides;
}
