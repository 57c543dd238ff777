import type { Stage } from "../../networks/index.ts";

/** Learning rate as a fraction of the peak. @param done fraction of the run, in [0, 1] */
export function rateShare(schedule: "constant" | "linear" | "cosine", done: number): number {
  const place = Math.min(1, Math.max(0, done));
  if (schedule === "constant") return 1;
  return schedule === "linear" ? 1 - place : 0.5 * (1 + Math.cos(Math.PI * place));
}

/** Until then, the half-life is at most this fraction of the kimg so far. */
const EMA_RAMP_UP = 0.05;

/** Decay of the moving average of the generator per step, with ramp-up (Karras et al. 2020). */
export function emaDecay(options: { emaKimg: number; kimg: number; batch: number }): number {
  const halfLife = Math.min(options.emaKimg, Math.max(options.kimg, 1e-9) * EMA_RAMP_UP);
  return halfLife <= 0 ? 0 : 0.5 ** (options.batch / 1000 / halfLife);
}

/**
 * Growth of `progressive` (Karras et al. 2018): one phase at 4 x 4, then one phase of fade-in and one stable phase per level.
 */
export function stageAt(kimg: number, options: { growKimg: number; resolution: number }): Stage {
  const phase = kimg / options.growKimg;
  if (phase < 1) return { side: 4, fade: 1 };
  const level = Math.floor((phase - 1) / 2);
  const side = 8 * 2 ** level;
  if (side > options.resolution) return { side: options.resolution, fade: 1 };
  // The weight of a new level starts at 0.01, so that the level gets a gradient.
  return { side, fade: Math.min(1, Math.max(0.01, phase - 1 - 2 * level)) };
}
