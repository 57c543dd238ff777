import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type DataItem, readDataIndex } from "../../data/data-index.ts";
import { TelltaleError } from "../../errors.ts";
import { isImagePath, isVideoPath } from "../../files/media-extensions.ts";

/** The authentic media that a GAN learns from. */
export interface MediaList {
  readonly items: readonly DataItem[];
  /** What tells one list from another, wherever it stands: the index, or names and sizes in a folder. */
  readonly sha256: string;
  /** Changes with where the files are, and when one of them is replaced: what was cut out of others must not serve. */
  readonly fingerprint: string;
  /** Path of the index; null when the items come from a folder. */
  readonly indexPath: string | null;
}

/**
 * Lists authentic media: the rows of an index that are labelled real, or every picture and video below a folder.
 *
 * In a folder the subfolder is the source and each file a group by itself. Subfolders that hold a run or an index.csv are
 * passed over: what lies there was made, or has labels of its own.
 *
 * @param sources only these; all when empty
 * @throws TelltaleError `DATA_INVALID` when nothing is left
 */
export async function listMedia(data: string, sources: readonly string[]): Promise<MediaList> {
  const entry = await stat(data).catch((cause: unknown) => {
    const sentence = `Expected an index.csv or a folder at ${data}, but there is none.`;
    throw new TelltaleError("DATA_INVALID", sentence, { cause });
  });
  if (!entry.isDirectory() && (isVideoPath(data) || isImagePath(data))) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected an index.csv or a folder, but ${data} is one picture or video; name the folder that it is in.`,
    );
  }
  const { items, identity } = entry.isDirectory() ? await readFolder(data) : await readIndex(data);
  const wanted = items.filter(
    ({ label, source }) => label === "real" && (sources.length === 0 || sources.includes(source)),
  );
  if (wanted.length === 0) {
    const known = [...new Set(items.map(({ source }) => source))].join(", ");
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected authentic pictures or videos in ${data}${sources.length > 0 ? ` from ${sources.join(", ")}` : ""}, but there are none${known === "" ? "" : ` (its sources: ${known})`}.`,
    );
  }
  const sha256 = createHash("sha256").update(identity).digest("hex");
  const fingerprint = createHash("sha256");
  for (const { path } of wanted) {
    const { size, mtimeMs } = await sizeAndTime(path);
    fingerprint.update(`${resolve(path)}\n${size}\n${mtimeMs}\n`);
  }
  return {
    items: wanted,
    sha256,
    fingerprint: fingerprint.digest("hex"),
    indexPath: entry.isDirectory() ? null : data,
  };
}

/** Of a file that is not there, or a link to nowhere: nothing. It is found unreadable when its turn comes. */
async function sizeAndTime(path: string): Promise<{ size: number; mtimeMs: number }> {
  return stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
}

async function readIndex(path: string) {
  return { items: await readDataIndex(path), identity: await readFile(path) };
}

/** Files of runs, of forged and sampled pictures, and of the cache. */
const MARKS = ["options.json", "index.csv", "pictures.jsonl", "faces.jsonl"];

async function readFolder(folder: string): Promise<{ items: DataItem[]; identity: string }> {
  const names = await readdir(folder, { recursive: true });
  const made = names
    .filter((name) => dirname(name) !== "." && MARKS.includes(basename(name)))
    .map((name) => `${dirname(name)}${sep}`);
  const items: DataItem[] = [];
  let identity = "";
  for (const name of names.sort()) {
    const path = join(folder, name);
    const isVideo = isVideoPath(name);
    if (made.some((subfolder) => name.startsWith(subfolder))) continue;
    if (!isVideo && !isImagePath(name)) continue;
    identity += `${name}\n${(await sizeAndTime(path)).size}\n`;
    const file = relative(folder, path).split(sep).join("/");
    const source = dirname(file) === "." ? basename(folder) : dirname(file);
    const kind = { label: "real", generator: "none", attributes: "", crop: "" } as const;
    items.push({ ...kind, file, path, source, group: file, isVideo });
  }
  return { items, identity };
}
