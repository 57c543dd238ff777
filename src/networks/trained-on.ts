import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { writeWhole } from "../files/write-file.ts";

/** Lists the training files of a model: the first 8 bytes of the SHA-256 of each file, sorted, one after the other. */
const FILE = "trained-on.bin";
const PREFIX_BYTES = 8;

/** Whether a model was trained on the file with this SHA-256 (hexadecimal). */
export type IsTrainedOn = (sha256: string) => boolean;

/**
 * Reads the list from a model folder.
 *
 * @returns null if the folder has none
 * @throws TelltaleError `MODEL_INVALID` if its length is wrong
 */
export async function readTrainedOn(folder: string): Promise<IsTrainedOn | null> {
  const bytes = await readFile(join(folder, FILE)).catch(() => null);
  if (bytes === null) return null;
  if (bytes.length % PREFIX_BYTES !== 0) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected ${PREFIX_BYTES} bytes for each file in ${join(folder, FILE)}, but it has ${bytes.length} bytes: it was cut short. Copy the model folder again.`,
    );
  }
  const known = new Set<string>();
  for (let i = 0; i < bytes.length; i += PREFIX_BYTES) known.add(bytes.toString("hex", i, i + PREFIX_BYTES));
  return (sha256) => known.has(sha256.slice(0, 2 * PREFIX_BYTES));
}

/** Writes the list into a model folder. @param sha256s SHA-256 of each file, hexadecimal */
export async function writeTrainedOn(folder: string, sha256s: Iterable<string>): Promise<void> {
  const prefixes = [...new Set([...sha256s].map((sha256) => sha256.slice(0, 2 * PREFIX_BYTES)))].sort();
  await writeWhole(join(folder, FILE), Buffer.from(prefixes.join(""), "hex"));
}
