import type { PrepareProgress } from "./prepare-faces.ts";

/** What `train detector` says as it goes. */
export type TrainingEvent =
  | { readonly kind: "preparing"; readonly progress: PrepareProgress }
  | { readonly kind: "started"; readonly backend: string; readonly step: number; readonly parameters: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly loss: number;
      readonly imagesPerSec: number;
      readonly waitedShare: number;
    }
  | { readonly kind: "validated"; readonly step: number; readonly auc: Record<string, number> };
