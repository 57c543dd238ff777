import type { ExtractEvent } from "../../data/extract-crops.ts";
import type { Overfitting } from "./gan-evaluator.ts";
import type { StepStats } from "./gan-trainer.ts";
import type { Quality } from "./quality.ts";
import type { SplitCounts } from "./split-counts.ts";

/** What a run tells while it goes on. */
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

/** Means since the last line, and how fast it goes. */
export interface Progress extends StepStats {
  readonly step: number;
  readonly kimg: number;
  readonly imagesPerSec: number;
  readonly gflopPerSec: number;
  /** Share of the time in which the engine waited for pictures. */
  readonly waitedShare: number;
  readonly secLeft: number;
}

/** How a run is listened to and ended early. */
export interface GanHooks {
  readonly event?: (event: GanEvent) => void;
  readonly signal?: AbortSignal;
}
