/** GAN architectures; each is defined in the file of its name. */
export const ganArchitectures = ["vanilla", "progressive", "style", "big"] as const;
export type GanArchitecture = (typeof ganArchitectures)[number];

/**
 * `mobilenet-v1`: MobileNetV1 backbone with a classification head and a localization head, 3.2 million weights.
 * `projected`: spectrally normalised heads on the frozen backbone. Other names: the discriminator of that GAN.
 */
export const architectures = ["mobilenet-v1", "projected", ...ganArchitectures] as const;
export type Architecture = (typeof architectures)[number];
