import type { FileReport } from "./schema.ts";

/** Which side of the thresholds an authenticity is on, as the class of a colour and a word. */
export function sideOf(
  authenticity: number | null,
  { forgedBelow, authenticAbove }: Pick<FileReport["threshold"], "forgedBelow" | "authenticAbove">,
): "forged" | "authentic" | "inconclusive" {
  if (authenticity === null) return "inconclusive";
  if (authenticity < forgedBelow) return "forged";
  return authenticity > authenticAbove ? "authentic" : "inconclusive";
}
