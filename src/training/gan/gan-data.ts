import { parseAttributes, type Split, splitOf } from "../../data/data-index.ts";
import type { ExtractHooks } from "../../data/extract-crops.ts";
import { TelltaleError } from "../../errors.ts";
import type { GanNetwork } from "../../networks/index.ts";
import type { ResolvedGanOptions, TrainGanOptions } from "./gan-options.ts";
import { type ImageDataset, prepareImages, type StoredImage } from "./image-dataset.ts";
import { listMedia } from "./media-list.ts";
import type { SplitCounts } from "./split-counts.ts";

/** The pictures of a run: what is trained on, what only watches. */
export interface GanData {
  readonly store: ImageDataset;
  /** Positions in the store. */
  readonly train: readonly number[];
  /** Never trained on: shows whether the discriminator learns by heart. */
  readonly heldOut: readonly number[];
  /** Class of each picture of the store; empty without classes. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  readonly sources: readonly string[];
  readonly sha256: string;
}

/** With fewer pictures than this none is held out: every one counts. */
const MIN_TO_SPLIT = 200;
/** With fewer, neither neighbours nor deviations within a batch can be measured. */
const MIN_TO_TRAIN = 4;
/** What a network can be conditioned on (`ganNetworkSchema`). */
const MAX_CLASSES = 1000;

/** What decides which pictures there are. */
export type ImageOptions = Pick<
  TrainGanOptions,
  "data" | "sources" | "crop" | "margin" | "resolution" | "framesPerVideo" | "cache" | "classes" | "holdOut"
>;

/**
 * Lists, cuts and splits the data, as `train detector` does, which must not be tested on what a GAN has seen. Where all
 * groups lie on one side, as with frames of one clip, none is held out.
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

/** @throws TelltaleError `DATA_INVALID` when they are too few to train on, or have too few or too many classes */
function splitPictures(
  pictures: readonly StoredImage[],
  options: Pick<ImageOptions, "classes" | "holdOut">,
): Omit<GanData, "store" | "sha256"> {
  const all = pictures.map((_, i) => i);
  const onSide = (split: Split) => all.filter((i) => splitOf(pictures[i]!, options.holdOut) === split);
  const isSplit = options.holdOut > 0 && all.length >= MIN_TO_SPLIT && onSide("train").length >= MIN_TO_TRAIN;
  const classes = options.classes === "none" ? [] : pictures.map((p) => classOf(p, options.classes));
  const classNames = [...new Set(classes)].sort();
  refuseUnless(all.length >= MIN_TO_TRAIN, {
    expected: `at least ${MIN_TO_TRAIN} pictures to train on`,
    received: `${all.length}`,
  });
  refuseUnless(options.classes === "none" || classNames.length > 1, {
    expected: `more than one class by --classes ${options.classes}`,
    received: classNames[0] === "" ? "pictures without it" : `"${classNames[0]}" throughout`,
  });
  refuseUnless(classNames.length <= MAX_CLASSES, {
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

/** Pictures without the attribute are a class of their own. */
function classOf(picture: StoredImage, what: string): string {
  if (what === "source" || what === "attributes") return picture[what];
  return parseAttributes(picture.attributes).get(what.toLowerCase()) ?? "";
}

function refuseUnless(
  isRight: boolean,
  { expected, received }: { expected: string; received: string },
): void {
  if (!isRight) throw new TelltaleError("DATA_INVALID", `Expected ${expected} but received ${received}.`);
}

/** The networks' sizes that options and data ask for. */
export function networkOf(options: ResolvedGanOptions, data: GanData): GanNetwork {
  const { arch, resolution, width, maxChannels, latent } = options;
  const classes = arch === "big" ? data.classNames.length : 0;
  return { architecture: arch, resolution, width, maxChannels, latent, classes };
}

/** Counts of the splits, for people. */
export const splitCounts = ({ store, train, heldOut }: GanData): SplitCounts => ({
  pictures: store.pictures.length,
  train: train.length,
  validation: heldOut.length,
  test: store.pictures.length - train.length - heldOut.length,
});
