import { parseAttributes, type Split, splitOf } from "../../data/data-index.ts";
import type { ExtractHooks } from "../../data/extract-crops.ts";
import { TelltaleError } from "../../errors.ts";
import type { GanNetwork } from "../../networks/index.ts";
import type { ResolvedGanOptions, TrainGanOptions } from "./gan-options.ts";
import { type ImageDataset, prepareImages, type StoredImage } from "./image-dataset.ts";
import { listMedia } from "./media-list.ts";
import type { SplitCounts } from "./split-counts.ts";

/** The images of a run, split into training and held-out images. */
export interface GanData {
  readonly store: ImageDataset;
  /** Indices in the dataset. */
  readonly train: readonly number[];
  /** Indices of images that are not trained on, to measure overfitting of the discriminator. */
  readonly heldOut: readonly number[];
  /** Class of each image of the dataset; empty without classes. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  readonly sources: readonly string[];
  readonly sha256: string;
}

/** With fewer images, none is held out. */
const MIN_TO_SPLIT = 200;
/** Minimum for the metrics and the minibatch standard deviation. */
const MIN_TO_TRAIN = 4;
/** Maximum number of classes (`ganNetworkSchema`). */
const MAX_CLASSES = 1000;

/** Options that determine the images. */
export type ImageOptions = Pick<
  TrainGanOptions,
  "data" | "sources" | "crop" | "margin" | "resolution" | "framesPerVideo" | "cache" | "classes" | "holdOut"
>;

/**
 * Lists, crops and splits the data with the splits of `train detector`, so that a detector can be tested on images that the
 * GAN has not seen. If all groups fall into one split, e.g. the frames of one clip, none is held out.
 *
 * @throws TelltaleError `DATA_INVALID`
 */
export async function readGanData(options: ImageOptions, on: ExtractHooks = {}): Promise<GanData> {
  const sources = options.sources.split(",").filter((source) => source !== "");
  const list = await listMedia(options.data, sources);
  const { crop, margin, resolution, framesPerVideo } = options;
  const spec = { crop, margin, sizePx: resolution, framesPerVideo };
  const store = await prepareImages(list, spec, { cacheFolder: options.cache, on });
  try {
    return { store, ...splitPictures(store.pictures, options), sha256: list.sha256 };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** @throws TelltaleError `DATA_INVALID` with too few images, or with too few or too many classes */
function splitPictures(
  pictures: readonly StoredImage[],
  options: Pick<ImageOptions, "classes" | "holdOut">,
): Omit<GanData, "store" | "sha256"> {
  const all = pictures.map((_, i) => i);
  const onSide = (split: Split) => all.filter((i) => splitOf(pictures[i]!, options.holdOut) === split);
  const isSplit = options.holdOut > 0 && all.length >= MIN_TO_SPLIT && onSide("train").length >= MIN_TO_TRAIN;
  const classes = options.classes === "none" ? [] : pictures.map((p) => classOf(p, options.classes));
  const classNames = [...new Set(classes)].sort();
  requireData(all.length >= MIN_TO_TRAIN, {
    expected: `at least ${MIN_TO_TRAIN} images to train on`,
    received: `${all.length}`,
  });
  requireData(options.classes === "none" || classNames.length > 1, {
    expected: `more than one class by --classes ${options.classes}`,
    received: classNames[0] === "" ? "images without it" : `"${classNames[0]}" throughout`,
  });
  requireData(classNames.length <= MAX_CLASSES, {
    expected: `at most ${MAX_CLASSES} classes`,
    received: `${classNames.length} values of --classes ${options.classes}`,
  });
  return {
    train: isSplit ? onSide("train") : all,
    heldOut: isSplit ? onSide("validation") : [],
    labels: classes.map((name) => classNames.indexOf(name)),
    classNames,
    sources: [...new Set(pictures.map(({ source }) => source))].sort(),
  };
}

/** Images without the attribute form a class of their own. */
function classOf(picture: StoredImage, what: string): string {
  if (what === "source" || what === "attributes") return picture[what];
  return parseAttributes(picture.attributes).get(what.toLowerCase()) ?? "";
}

function requireData(isRight: boolean, { expected, received }: { expected: string; received: string }): void {
  if (!isRight) throw new TelltaleError("DATA_INVALID", `Expected ${expected} but received ${received}.`);
}

/** Sizes of the networks by options and data. */
export function networkOf(options: ResolvedGanOptions, data: GanData): GanNetwork {
  const { arch, resolution, width, maxChannels, latent } = options;
  const classes = arch === "big" ? data.classNames.length : 0;
  return { architecture: arch, resolution, width, maxChannels, latent, classes };
}

/** Number of images per split. */
export const splitCounts = ({ store, train, heldOut }: GanData): SplitCounts => ({
  pictures: store.pictures.length,
  train: train.length,
  validation: heldOut.length,
  test: store.pictures.length - train.length - heldOut.length,
});
