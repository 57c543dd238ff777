import type { CropSpec } from "../../faces/index.ts";
import { type Discriminator, joinViews } from "../../networks/index.ts";
import type { FaceSource } from "../crop-store.ts";
import { calibrateFaces, type ScoredFace, scoreViews } from "./validation.ts";

/**
 * Share of the first view in the fused logit. On validation pictures less would be better (`face` 0.7.0, stored faces: DFDC 0.894
 * with half, 0.901 with two fifths, 0.908 with one); clips of collections that neither view was trained on want no less (0.872,
 * 0.873, 0.830).
 */
const FIRST_SHARE = 0.4;

/**
 * Two views as one discriminator: each calibrated on the validation faces, where neither has learnt, both classes weighing
 * alike and sources by the square root of their size; then their logits in fixed shares.
 *
 * Not one logistic over both: of faces like those of training the second view knows more, and would count for most of it,
 * while media of other making need the first as much.
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
  const mix = (ofFirst: number, ofSecond: number) => FIRST_SHARE * ofFirst + (1 - FIRST_SHARE) * ofSecond;
  const weights: [number, number] = [mix(one.scale, 0), mix(0, two.scale)];
  const bias = mix(one.bias, two.bias);
  const faces = views[0].map((face, i) => ({
    ...face,
    logit: weights[0] * face.logit + weights[1] * views[1][i]!.logit + bias,
  }));
  return { discriminator: joinViews(first, second, [...weights, bias]), faces };
}

type Calibration = ReturnType<typeof calibrateFaces>;
