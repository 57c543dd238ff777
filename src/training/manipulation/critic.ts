import { type Scalar, type Tensor4D, tf } from "../../engine/index.ts";
import {
  backboneMaps,
  backboneSpecs,
  type Discriminator,
  headLogits,
  loadModel,
  Parameters,
  pretrainedBackbone,
} from "../../networks/index.ts";

/** Blocks of the face network whose maps are compared: edges and textures, not identity. */
const BLOCKS = [1, 3, 5] as const;
/** Weight of the mean differences of these maps, which are in [0, 6]; that of the L1 distance in [-1, 1] is 1. */
const PERCEPTUAL_WEIGHT = 0.2;
/** Weight of the detector's loss. */
const DETECTOR_WEIGHT = 0.02;

/**
 * Frozen networks that grade a generator's faces: the face network compares textures with the original (perceptual loss,
 * Johnson et al. 2016), and a detector says where they
 * look fake: its localization head is the patch discriminator (Isola et al. 2017).
 */
export class Critic {
  readonly #backbone: Parameters;
  readonly #detector: Discriminator | null;

  private constructor(backbone: Parameters, detector: Discriminator | null) {
    this.#backbone = backbone;
    this.#detector = detector;
  }

  /**
   * @param detector model folder of a detector; none when left out
   * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`
   */
  static async load(detector: string | undefined): Promise<Critic> {
    const model = detector === undefined ? null : (await loadModel(detector)).discriminator;
    const weights = await pretrainedBackbone();
    return new Critic(new Parameters(backboneSpecs, (spec) => weights.get(spec.name)!), model);
  }

  /** Feature maps of faces, to compare others with. @param images float32 [N, S, S, 3] in [-1, 1] */
  features(images: Tensor4D): Tensor4D[] {
    return tf.tidy(() => backboneMaps(this.#backbone, toPixels(images), "inference", BLOCKS));
  }

  /**
   * @param images float32 [N, S, S, 3] in [-1, 1]; gradients flow to them
   * @param wanted `features` of the originals
   * @param read called with the name and the unweighted value of each loss
   * @returns weighted losses
   */
  losses(
    images: Tensor4D,
    wanted: readonly Tensor4D[],
    read: (name: string, loss: Scalar) => Scalar,
  ): Scalar[] {
    const maps = backboneMaps(this.#backbone, toPixels(images), "training", BLOCKS);
    const differences = maps.map((map, i) => tf.mean(tf.abs(tf.sub(map, wanted[i]!))) as Scalar);
    const perceptual = read("perceptual", tf.addN(differences) as Scalar);
    const losses = [tf.mul(perceptual, PERCEPTUAL_WEIGHT) as Scalar];
    if (this.#detector !== null) {
      const { localization } = headLogits(this.#detector.parameters, toPixels(images), "training");
      const loss = read("detector", tf.mean(tf.softplus(localization)) as Scalar);
      losses.push(tf.mul(loss, DETECTOR_WEIGHT) as Scalar);
    }
    return losses;
  }

  dispose(): void {
    this.#backbone.dispose();
    this.#detector?.parameters.dispose();
  }
}

const toPixels = (images: Tensor4D) => tf.mul(tf.add(images, 1), 127.5) as Tensor4D;
