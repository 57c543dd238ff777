import { basename, join } from "node:path";
import {
  blur,
  humanModelPath,
  readArtifacts,
  readGraphModel,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
  upsample,
} from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { backboneFeatures, backboneSpecs, Parameters, pretrainedBackbone } from "../../networks/index.ts";

/** Computes image features for quality metrics such as FID. */
export interface FeatureExtractor {
  /** Suffix of the metric names: `face`, or the name of the folder. */
  readonly name: string;
  /** @param images float32 [N, S, S, 3] in [-1, 1] @returns features [N, F], and posteriors [N, K] if the model has them */
  extract(images: Tensor4D): Tensor2D[];
  dispose(): void;
}

/** Smaller images are upsampled to this side; else the last feature map would be one or two pixels. */
const INPUT_PX = 128;

/**
 * The face-description network: mean of its last feature map (1,024 features), and its predictions of sex and age as 200
 * classes.
 */
export async function faceFeatureExtractor(): Promise<FeatureExtractor> {
  const weights = await pretrainedBackbone();
  const backbone = new Parameters(backboneSpecs, (spec) => weights.get(spec.name)!);
  const artifacts = await readArtifacts(humanModelPath("faceres"));
  const stored = tf.io.decodeWeights(artifacts.weightData as ArrayBuffer, artifacts.weightSpecs!);
  const heads: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(stored)) {
    if (/^(feats|gender_pred|age_pred)\//.test(name)) heads[name] = tensor;
    else tensor.dispose();
  }
  const dense = (x: Tensor, name: string) =>
    tf.add(tf.matMul(x as Tensor2D, heads[`${name}/kernel`] as Tensor2D), heads[`${name}/bias`]!);
  return {
    name: "face",
    extract(images) {
      const faces = tf.mul(tf.add(enlarge(images), 1), 127.5) as Tensor4D;
      const features = tf.mean(backboneFeatures(backbone, faces, "inference"), [1, 2]) as Tensor2D;
      const described = tf.relu(dense(features, "feats"));
      const age = tf.softmax(dense(described, "age_pred") as Tensor2D);
      const sex = tf.sigmoid(dense(described, "gender_pred"));
      const posteriors = tf.concat([tf.mul(age, sex), tf.mul(age, tf.sub(1, sex))], 1) as Tensor2D;
      return [features, posteriors];
    },
    dispose() {
      backbone.dispose();
      tf.dispose(heads);
    },
  };
}

function enlarge(images: Tensor4D): Tensor4D {
  let large = images;
  while (large.shape[1] < INPUT_PX) large = blur(upsample(large));
  return large;
}

/**
 * Opens the extractor of a run and tests it on one image, so that an unsuitable model is found before training.
 *
 * @param folder folder of a graph model; default the face network
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function openFeatureExtractor(folder: string | undefined): Promise<FeatureExtractor> {
  if (folder === undefined) return faceFeatureExtractor();
  const extractor = await graphFeatureExtractor(folder);
  try {
    tf.tidy(() => extractor.extract(tf.zeros([1, INPUT_PX, INPUT_PX, 3])));
    return extractor;
  } catch (cause) {
    extractor.dispose();
    const sentence = `Expected a graph model in ${folder} that takes images, but it does not: ${(cause as Error).message}.`;
    throw new TelltaleError("MODEL_INVALID", sentence, { cause });
  }
}

/**
 * A graph model of the user. Its first output is the features (a feature map is averaged over space), its second, if any, the
 * class posteriors. Its input is in [-1, 1] at the size of its input layer, or 299 px if that is open.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
async function graphFeatureExtractor(folder: string): Promise<FeatureExtractor> {
  const model = await readGraphModel(join(folder, "model.json"));
  const side = model.inputs[0]?.shape?.[1] ?? -1;
  const sidePx = side > 0 ? side : 299;
  return {
    name: basename(folder),
    extract(images) {
      const input = tf.image.resizeBilinear(images, [sidePx, sidePx], false, true);
      const outputs = [model.execute(input)].flat() as Tensor[];
      const first = outputs[0]!;
      const features = first.rank === 4 ? tf.mean(first, [1, 2]) : first;
      const posteriors = outputs[1] === undefined ? [] : [outputs[1] as Tensor2D];
      return [tf.reshape(features, [images.shape[0], -1]) as Tensor2D, ...posteriors];
    },
    dispose: () => model.dispose(),
  };
}
