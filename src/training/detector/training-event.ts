import type { ExtractEvent } from "../../data/extract-crops.ts";

/** Progress events of `train detector`. */
export type TrainingEvent =
  | ExtractEvent
  | { readonly kind: "started"; readonly backend: string; readonly step: number; readonly parameters: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly loss: number;
      readonly imagesPerSec: number;
      readonly waitedShare: number;
    }
  | { readonly kind: "validated"; readonly step: number; readonly auc: Record<string, number> }
  | { readonly kind: "warning"; readonly step: number; readonly sentence: string };
