import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { TelltaleError } from "../errors.ts";
import { isVideoPath } from "../files/media-extensions.ts";

const rowSchema = z.object({
  file: z.string().min(1),
  source: z.string().optional(),
  label: z.enum(["real", "fake"]),
  generator: z.string().optional(),
  method: z.string().optional(),
  group: z.string().min(1),
  attributes: z.string().default(""),
  crop: z.string().default(""),
});

/** One labelled image or video. */
export interface DataItem {
  /** As written in the index; unique together with `crop`. */
  readonly file: string;
  /** Absolute path. */
  readonly path: string;
  readonly source: string;
  readonly label: "real" | "fake";
  /** Method or program that made a fake; `none` for a real. */
  readonly generator: string;
  /** Person or scene; a group is never split between training and test. */
  readonly group: string;
  readonly attributes: string;
  /** ffmpeg filter for the frames of a video, e.g. `crop=256:256:0:0`; empty for the whole frame. */
  readonly crop: string;
  /** By the file extension. */
  readonly isVideo: boolean;
}

/**
 * Reads an `index.csv` with the columns file, source, label, generator, group, attributes (RFC 4180).
 *
 * Paths are relative to the index. The columns source (default: the folder of the index), generator (or method),
 * attributes and crop are optional; other columns are ignored.
 *
 * @throws TelltaleError `DATA_INVALID` names the first invalid row
 */
export async function readDataIndex(indexPath: string): Promise<DataItem[]> {
  let text: string;
  try {
    text = await readFile(indexPath, "utf8");
  } catch (error) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected an index.csv at ${indexPath}, but it cannot be read. Give --data the path of a CSV file.`,
      { cause: error },
    );
  }
  const rows = parseRows(text, indexPath);
  const columns = Object.keys((rows[0]?.record as object | undefined) ?? {});
  const missing =
    rows.length === 0 ? [] : ["file", "label", "group"].filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected the columns file, label and group in the first line of ${indexPath}, but there is no ${missing.join(", ")}: it has ${columns.join(", ").slice(0, 100)}.`,
    );
  }
  const folder = dirname(indexPath);
  const seen = new Set<string>();
  return rows.map(({ record, info }) => {
    const parsed = rowSchema.safeParse(record);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new TelltaleError(
        "DATA_INVALID",
        `Row ${info.lines} of ${indexPath} is wrong at "${issue.path.join(".")}": ${issue.message}. Expected file, label (real or fake) and group.`,
      );
    }
    const { source, generator, method, ...kept } = parsed.data;
    const key = `${kept.file}\n${kept.crop}`;
    if (seen.has(key)) {
      throw new TelltaleError(
        "DATA_INVALID",
        `Row ${info.lines} of ${indexPath} names ${kept.file} a second time.`,
      );
    }
    seen.add(key);
    return {
      ...kept,
      source: source || basename(resolve(folder)),
      generator: generator || method || "none",
      path: resolve(folder, kept.file),
      isVideo: isVideoPath(kept.file),
    };
  });
}

interface Row {
  readonly record: unknown;
  /** Last line of the record in the file. */
  readonly info: { readonly lines: number };
}

function parseRows(text: string, indexPath: string): Row[] {
  const options = { columns: true, skip_empty_lines: true, trim: true, bom: true, info: true } as const;
  try {
    return parse(text, options) as unknown as Row[];
  } catch (error) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected CSV in ${indexPath}, but it does not parse: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/** Parses `age=27;gender=female` into names and values. */
export function parseAttributes(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/[;|]/).flatMap((part) => {
    const [name = "", ...value] = part.split(/[=:]/);
    const pair: [string, string] = [name.trim().toLowerCase(), value.join("=").trim()];
    return pair[0] === "" || pair[1] === "" ? [] : [pair];
  });
  return new Map(pairs);
}

/** A part of the data; every group belongs to exactly one. */
export type Split = "train" | "validation" | "test";

/**
 * The split of a group: 15% test, 10% validation, 75% training. A hash of source and group decides, so that the split does
 * not depend on the other rows of the index.
 *
 * Videos have many frames and are few: half of them are for training, half for test. Clips of one collection stay together
 * because they show the same people; the collection is the part of the group before the slash (`collection/clip`).
 *
 * @param heldOutPercent percentage of the picture groups for test and validation (3 to 2); 0 trains on everything, videos
 *   included
 */
export function splitOf(
  item: Pick<DataItem, "source" | "group"> & { readonly isVideo?: boolean },
  heldOutPercent = 25,
): Split {
  if (heldOutPercent === 0) return "train";
  if (item.isVideo) return partOf(item.source, item.group.split("/", 1)[0]!) < 50 ? "train" : "test";
  const part = partOf(item.source, item.group);
  return part < 0.6 * heldOutPercent ? "test" : part < heldOutPercent ? "validation" : "train";
}

/** In [0, 100). */
const partOf = (source: string, group: string): number => hash32(`${source}/${group}`) % 100;

/** FNV-1a, 32 bits, with a final avalanche that makes the low digits uniform. */
function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  return h >>> 0;
}

/** SHA-256 of an index, hexadecimal. */
export async function indexSha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
