import type { ExtractEvent } from "../../data/extract-crops.ts";
import type { Overfitting } from "./gan-evaluator.ts";
import type { StepStats } from "./gan-trainer.ts";
import type { Quality } from "./quality.ts";
import type { SplitCounts } from "./split-counts.ts";

/** Progress events of a run. */
export type GanEvent =
  | ExtractEvent
  | { readonly kind: "split"; readonly counts: SplitCounts }
  | { readonly kind: "started"; readonly backend: string; readonly folder: string; readonly step: number }
  | ({ readonly kind: "step" } & Progress)
  | { readonly kind: "samples"; readonly file: string }
  | {
      readonly kind: "measured";
      readonly kimg: number;
      readonly quality: Quality;
      readonly watch: Overfitting;
    }
  | { readonly kind: "warning"; readonly sentence: string };

/** Means since the last log line, and speed. */
export interface Progress extends StepStats {
  readonly step: number;
  readonly kimg: number;
  readonly imagesPerSec: number;
  readonly gflopPerSec: number;
  /** Fraction of the time spent waiting for images. */
  readonly waitedShare: number;
  readonly secLeft: number;
}

/** Event listener and abort signal of a run. */
export interface GanHooks {
  readonly event?: (event: GanEvent) => void;
  readonly signal?: AbortSignal;
}
