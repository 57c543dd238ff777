import type { CutEvent } from "../cut-files.ts";

/** What `train detector` says as it goes. */
export type TrainingEvent =
  | CutEvent
  | {
      /** A frozen trunk looks at the faces that its head will learn from. */
      readonly kind: "looking";
      readonly done: number;
      readonly total: number;
      readonly imagesPerSec: number;
    }
  | { readonly kind: "started"; readonly backend: string; readonly step: number; readonly parameters: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly loss: number;
      readonly imagesPerSec: number;
      readonly waitedShare: number;
    }
  | {
      /** The form that looks for synthesised faces is fitted. */
      readonly kind: "fitting";
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: "validated"; readonly step: number; readonly auc: Record<string, number> }
  | { readonly kind: "warning"; readonly step: number; readonly sentence: string };
