import type { Stage } from "../../networks/index.ts";

/** Share of the peak learning rate at a place of the run. @param done in [0, 1] */
export function rateShare(schedule: "constant" | "linear" | "cosine", done: number): number {
  const place = Math.min(1, Math.max(0, done));
  if (schedule === "constant") return 1;
  return schedule === "linear" ? 1 - place : 0.5 * (1 + Math.cos(Math.PI * place));
}

/** Share of the run after which the average is as slow as asked for: until then it is at most a twentieth of it. */
const EMA_RAMP_UP = 0.05;

/** Decay of the averaged generator for one step (Karras et al. 2020, with their ramp-up). */
export function emaDecay(options: { emaKimg: number; kimg: number; batch: number }): number {
  const halfLife = Math.min(options.emaKimg, Math.max(options.kimg, 1e-9) * EMA_RAMP_UP);
  return halfLife <= 0 ? 0 : 0.5 ** (options.batch / 1000 / halfLife);
}

/**
 * How far `progressive` has grown: 4 x 4 for one time, then each level fades in for one and stays for one (Karras et al.
 * 2018).
 */
export function stageAt(kimg: number, options: { growKimg: number; resolution: number }): Stage {
  const phase = kimg / options.growKimg;
  if (phase < 1) return { side: 4, fade: 1 };
  const level = Math.floor((phase - 1) / 2);
  const side = 8 * 2 ** level;
  if (side > options.resolution) return { side: options.resolution, fade: 1 };
  // The first step of a fade is not without the new level, or nothing would train it.
  return { side, fade: Math.min(1, Math.max(0.01, phase - 1 - 2 * level)) };
}
