import type { CropSpec } from "../faces/index.ts";
import { type Discriminator, joinViews } from "../networks/index.ts";
import type { FaceSource } from "./crop-store.ts";
import { calibrateFaces, scoreSplit } from "./validation.ts";

/**
 * Two views as one discriminator: each calibrated on the validation faces, where neither has learnt, both classes weighing
 * alike and sources by the square root of their size; then the mean of their logits.
 *
 * Not one logistic over both: of faces like those of training the second view knows more, and would count for most of it,
 * while on media of other making the first does better, and their mean better than either.
 *
 * @returns the caller disposes of it; both views stay as they are
 * @throws TelltaleError `MODEL_INVALID` when the views are not a `face-trunk` and a `trunk-statistics`
 */
export async function fuseViews(
  first: Discriminator,
  second: Discriminator,
  { store, crop }: { store: FaceSource; crop: CropSpec },
): Promise<Discriminator> {
  // Each view by itself as the fused network will see it: the first one's faces shrunk from the second one's.
  const alone = async (fusion: readonly [number, number, number]) => {
    const joined = joinViews(first, second, fusion);
    try {
      return await scoreSplit(joined, store, { split: "validation", crop });
    } finally {
      joined.parameters.dispose();
    }
  };
  const one = calibrateFaces(await alone([1, 0, 0]));
  const two = calibrateFaces(await alone([0, 1, 0]));
  return joinViews(first, second, [one.scale / 2, two.scale / 2, (one.bias + two.bias) / 2]);
}
