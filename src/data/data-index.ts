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
  /** What made a fake; `none` for a real. */
  readonly generator: string;
  /** Everything of one person or scene; never on two sides of a split. */
  readonly group: string;
  readonly attributes: string;
  /** ffmpeg filter that cuts the picture out of a video's frame, e.g. `crop=256:256:0:0`; empty for the whole. */
  readonly crop: string;
  /** Told by the file's ending. */
  readonly isVideo: boolean;
}

/**
 * Reads an `index.csv` with the columns file, source, label, generator, group, attributes (RFC 4180).
 *
 * Paths are relative to the index. Source (the index's folder stands in), generator (also named method), attributes and
 * crop may be missing; other columns are passed over.
 *
 * @throws TelltaleError `DATA_INVALID` naming the first row that is wrong
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
  /** Line of the file on which the record ends. */
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

/** `age=27;gender=female` -> its names and values; empty for an empty text. */
export function parseAttributes(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/[;|]/).flatMap((part) => {
    const [name = "", ...value] = part.split(/[=:]/);
    const pair: [string, string] = [name.trim().toLowerCase(), value.join("=").trim()];
    return pair[0] === "" || pair[1] === "" ? [] : [pair];
  });
  return new Map(pairs);
}

/** The sides that data is split into; every group is on exactly one. */
export type Split = "train" | "validation" | "test";

/**
 * The side of a group: 15% test, 10% validation, 75% training, by a hash of source and group, so that it never
 * depends on the order of files or on what else is in the index.
 *
 * Videos are few and their frames many: half of them train and half test, and the clips of one collection, which is
 * what a group's name begins with (`collection/clip`), stay together, since they show the same people.
 *
 * @param heldOutPercent of the groups of pictures, for test and validation as 3 to 2; 0 trains on all, videos too
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

/** FNV-1a, 32 bits, finished with an avalanche so that the low digits are even. */
function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  return h >>> 0;
}

/** What tells one index from another, wherever it stands. */
export async function indexSha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
