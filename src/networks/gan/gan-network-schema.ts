import { z } from "zod";
import { ganArchitectures } from "../architecture-names.ts";

/** Sizes of the networks of a GAN, stored with their weights. */
export const ganNetworkSchema = z.strictObject({
  architecture: z.enum(ganArchitectures),
  resolution: z
    .int()
    .min(16)
    .max(128)
    .refine((side) => Number.isInteger(Math.log2(side)), "16, 32, 64 or 128"),
  width: z.int().min(2).max(128).describe("Channels at full resolution; they double with each halving"),
  maxChannels: z.int().min(4).max(1024).describe("Maximum number of channels at low resolution"),
  latent: z.int().min(4).max(512).describe("Length of the latent vector"),
  classes: z.int().min(0).max(1000).describe("Classes that `big` is conditioned on; 0 = none"),
  grown: z
    .strictObject({ side: z.int().min(4).max(128), fade: z.number().gt(0).max(1) })
    .optional()
    .describe("Growth of `progressive`; fully grown if absent"),
});

export type GanNetwork = z.infer<typeof ganNetworkSchema>;
