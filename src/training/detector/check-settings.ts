import { readDataIndex } from "../../data/data-index.ts";
import { TelltaleError } from "../../errors.ts";
import { parseList } from "../parse-list.ts";
import type { DetectorSettings } from "./detector-options.ts";
import type { InitialModelInfo } from "./initial-model.ts";

/**
 * Checks the settings before training: names that the data does not have, and a crop size that the network does not support.
 *
 * @throws TelltaleError `USAGE`, `DATA_INVALID`, `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function checkSettings(
  settings: DetectorSettings,
  { onlySizePx }: InitialModelInfo,
): Promise<void> {
  if (onlySizePx !== null && settings.size !== onlySizePx) {
    throw new TelltaleError(
      "USAGE",
      `Expected --size ${onlySizePx}, the only size that the discriminator of ${settings.from} supports, but received ${settings.size}.`,
    );
  }
  await checkNames(settings);
}

/** A misspelt generator would be trained on instead of being excluded. */
async function checkNames({ data, exclude, validateOn }: DetectorSettings): Promise<void> {
  const known = new Set<string>();
  for (const indexPath of parseList(data)) {
    for (const { source, generator } of await readDataIndex(indexPath)) known.add(source).add(generator);
  }
  known.delete("none");
  for (const [flag, list] of [
    ["--exclude", exclude],
    ["--validate-on", validateOn],
  ] as const) {
    const unknown = parseList(list).filter((name) => !known.has(name));
    if (unknown.length === 0) continue;
    throw new TelltaleError(
      "USAGE",
      `Expected ${flag} to name sources or generators of the data, but it has none called ${unknown.join(", ")}. It has ${[...known].sort().join(", ")}.`,
    );
  }
}
