import type { CropSpec } from "../../faces/index.ts";
import { type Discriminator, joinViews } from "../../networks/index.ts";
import type { FaceSource } from "../crop-store.ts";
import { calibrateFaces, type ScoredFace, scoreViews } from "./validation.ts";

/**
 * Two views as one discriminator: each calibrated on the validation faces, where neither has learnt, both classes weighing
 * alike and sources by the square root of their size; then the mean of their logits.
 *
 * Not one logistic over both: of faces like those of training the second view knows more, and would count for most of it,
 * while on media of other making the first does better, and their mean better than either.
 *
 * @returns the fused network, which the caller disposes of, and the validation faces as it scores them; both views stay as
 *   they are
 * @throws TelltaleError `MODEL_INVALID` when the views are not a `face-trunk` and a head over statistics
 */
export async function fuseViews(
  first: Discriminator,
  second: Discriminator,
  { store, crop }: { store: FaceSource; crop: CropSpec },
): Promise<{ discriminator: Discriminator; faces: ScoredFace[] }> {
  // Each view as the fused network will see it: the first one's faces shrunk from the second one's.
  const joined = joinViews(first, second, [1, 1, 0]);
  const views = await scoreViews(joined, store, { split: "validation", crop }).finally(() =>
    joined.parameters.dispose(),
  );
  const [one, two] = views.map(calibrateFaces) as [Calibration, Calibration];
  const bias = (one.bias + two.bias) / 2;
  const faces = views[0].map((face, i) => ({
    ...face,
    logit: (one.scale * face.logit + two.scale * views[1][i]!.logit) / 2 + bias,
  }));
  return { discriminator: joinViews(first, second, [one.scale / 2, two.scale / 2, bias]), faces };
}

type Calibration = ReturnType<typeof calibrateFaces>;
