import { TelltaleError } from "../../errors.ts";
import { type Architecture, hasStatistics, isFused, readManifest } from "../../networks/index.ts";
import { readDataIndex } from "../data-index.ts";
import { splitNames } from "../names.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { modelFolder, type Start } from "./starting-point.ts";

/**
 * Finds, before hours of training, what would only show at their end or never: names that nothing in the data has, a
 * size that the network does not take, a first view that does not fit.
 *
 * @throws TelltaleError `USAGE`, `DATA_INVALID`, `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function checkSettings(settings: DetectorSettings, start: Start): Promise<void> {
  const { onlySizePx, architecture } = start;
  if (onlySizePx !== null && settings.size !== onlySizePx) {
    throw new TelltaleError(
      "USAGE",
      `Expected --size ${onlySizePx}, which the discriminator "${architecture}" was trained with, but received ${settings.size}.`,
    );
  }
  await checkNames(settings);
  if (settings.beside !== "") await checkBeside(settings.beside, architecture);
}

/** A generator that is misspelt would be trained on, and found to be told apart. */
async function checkNames({ data, exclude, validateOn }: DetectorSettings): Promise<void> {
  const known = new Set<string>();
  for (const indexPath of splitNames(data)) {
    for (const { source, generator } of await readDataIndex(indexPath)) known.add(source).add(generator);
  }
  known.delete("none");
  for (const [flag, list] of [
    ["--exclude", exclude],
    ["--validate-on", validateOn],
  ] as const) {
    const unknown = splitNames(list).filter((name) => !known.has(name));
    if (unknown.length === 0) continue;
    throw new TelltaleError(
      "USAGE",
      `Expected ${flag} to name sources or generators of the data, but it has none called ${unknown.join(", ")}. It has ${[...known].sort().join(", ")}.`,
    );
  }
}

/** @param second architecture of what is trained */
async function checkBeside(beside: string, second: Architecture): Promise<void> {
  if (!hasStatistics(second)) {
    throw new TelltaleError(
      "USAGE",
      `Expected --head synthesis, face or statistics with --beside, since the second of two views takes statistics, but what is trained is a "${second}".`,
    );
  }
  const { architecture } = await readManifest(modelFolder(beside));
  if (architecture !== "face-trunk" && !isFused(architecture)) {
    throw new TelltaleError(
      "USAGE",
      `Expected --beside to name a model whose trunk was trained (--head mean --trunk trained), or one of two views, but ${beside} is a "${architecture}".`,
    );
  }
}
