import type { FormScale } from "../../networks/index.ts";
import type { Split } from "../data-index.ts";

/** What validation settled, for a second training that has the validation faces among its own and cannot look at them. */
export interface Refit {
  readonly splits: readonly Split[];
  /** The step at which validation went best: the second training ends there. */
  readonly lastStep: number;
  /** How the form that looks for synthesised faces speaks; null where there is none. */
  readonly formScale: FormScale | null;
}
