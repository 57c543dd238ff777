import { type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tf } from "../engine/index.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";
import { aroundLogits } from "./statistics-activation.ts";

/** Side of the faces that the first view was trained on; the crop is shrunk to it. */
export const FIRST_VIEW_PX = 160;

/** What a view says by itself. */
type View<Result> = (parameters: Parameters, faces: Tensor4D) => Result;

/**
 * Two networks that look at one face, a trunk that was trained as a whole and a head over the statistics of the one as it
 * came: `logit = fusion . (z1, z2) + bias`.
 */
export function twoViewsSpecs(
  first: readonly ParameterSpec[],
  second: readonly ParameterSpec[],
): readonly ParameterSpec[] {
  const within = (prefix: string, specs: readonly ParameterSpec[]) =>
    specs.map((spec) => ({ ...spec, name: `${prefix}${spec.name}` }));
  return [
    ...within("first/", first),
    ...within("second/", second),
    { name: "fusion/kernel", shape: [2, 1] },
    { name: "fusion/bias", shape: [1] },
  ];
}

interface Views {
  readonly first: View<Tensor1D>;
  readonly second: View<Tensor1D>;
}

/** @returns float32 [N, 2]: what either view says by itself */
export function eachViewsLogits(parameters: Parameters, faces: Tensor4D, views: Views): Tensor2D {
  return tf.tidy(() => {
    const first = views.first(partOf(parameters, 0), shrunk(faces));
    const second = views.second(partOf(parameters, 1), faces);
    return tf.stack([first, second], 1) as Tensor2D;
  });
}

/** @returns float32 [N]; above 0 leans to authentic */
export function twoViewsLogits(parameters: Parameters, faces: Tensor4D, views: Views): Tensor1D {
  return tf.tidy(() => fuse(parameters, eachViewsLogits(parameters, faces, views)));
}

/**
 * The maps of both views on the second one's grid, in the shares that the fusion gives them; what belongs to no place is
 * spread evenly, so that their mean is the logit.
 */
export function twoViewsActivation(
  parameters: Parameters,
  faces: Tensor4D,
  views: Record<"first" | "second", View<{ logits: Tensor1D; maps: Tensor3D }>>,
): { logits: Tensor1D; maps: Tensor3D } {
  return tf.tidy(() => {
    const first = views.first(partOf(parameters, 0), shrunk(faces));
    const second = views.second(partOf(parameters, 1), faces);
    const onGrid = spreadOver(first.maps, second.maps.shape[1]);
    const [one, two] = tf.split(parameters.get("fusion/kernel"), 2);
    const sum = tf.add(
      tf.mul(tf.squeeze(onGrid, [3]), tf.reshape(one!, [])),
      tf.mul(second.maps, tf.reshape(two!, [])),
    );
    const logits = fuse(parameters, tf.stack([first.logits, second.logits], 1) as Tensor2D);
    return { logits, maps: aroundLogits(sum as Tensor3D, logits) };
  });
}

function partOf(parameters: Parameters, index: number): Parameters {
  return parameters.within(index === 0 ? "first/" : "second/");
}

function shrunk(faces: Tensor4D): Tensor4D {
  return tf.image.resizeBilinear(faces, [FIRST_VIEW_PX, FIRST_VIEW_PX], false, true);
}

/** Maps [N, s, s] on a grid [N, g, g, 1]. */
function spreadOver(maps: Tensor3D, grid: number): Tensor4D {
  return tf.image.resizeBilinear(tf.expandDims(maps, 3) as Tensor4D, [grid, grid], false, true);
}

function fuse(parameters: Parameters, each: Tensor2D): Tensor1D {
  const kernel = parameters.get("fusion/kernel") as unknown as Tensor2D;
  return tf.reshape(tf.add(tf.matMul(each, kernel), parameters.get("fusion/bias")), [-1]) as Tensor1D;
}
