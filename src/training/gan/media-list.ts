import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type DataItem, readDataIndex } from "../../data/data-index.ts";
import { TelltaleError } from "../../errors.ts";
import { isImagePath, isVideoPath } from "../../files/media-extensions.ts";

/** Real media for training. */
export interface MediaList {
  readonly items: readonly DataItem[];
  /** Identifies the list independently of its path: by the index, or by names and sizes in a folder. */
  readonly sha256: string;
  /** Key of cached crops: changes with the paths, sizes and times of the files. */
  readonly fingerprint: string;
  /** Path of the index; null for a folder. */
  readonly indexPath: string | null;
}

/**
 * Lists real media: the rows of an index that are labelled real, or all pictures and videos below a folder.
 *
 * In a folder, the subfolder is the source and each file is a group. Subfolders with a run or an index.csv are skipped,
 * because they hold generated or labelled files.
 *
 * @param sources names of sources to include; empty for all
 * @throws TelltaleError `DATA_INVALID` if the list is empty
 */
export async function listMedia(data: string, sources: readonly string[]): Promise<MediaList> {
  const entry = await stat(data).catch((cause: unknown) => {
    const sentence = `Expected an index.csv or a folder at ${data}, but there is none.`;
    throw new TelltaleError("DATA_INVALID", sentence, { cause });
  });
  if (!entry.isDirectory() && (isVideoPath(data) || isImagePath(data))) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected an index.csv or a folder, but ${data} is one picture or video; give its folder instead.`,
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

/** Zeros for a missing file or a broken link; extraction reports it as unreadable. */
async function sizeAndTime(path: string): Promise<{ size: number; mtimeMs: number }> {
  return stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
}

async function readIndex(path: string) {
  return { items: await readDataIndex(path), identity: await readFile(path) };
}

/** Files that mark the folder of a run, of generated images or of the cache. */
const SKIP_MARKERS = ["options.json", "index.csv", "pictures.jsonl", "faces.jsonl"];

async function readFolder(folder: string): Promise<{ items: DataItem[]; identity: string }> {
  const names = await readdir(folder, { recursive: true });
  const skipped = names
    .filter((name) => dirname(name) !== "." && SKIP_MARKERS.includes(basename(name)))
    .map((name) => `${dirname(name)}${sep}`);
  const items: DataItem[] = [];
  let identity = "";
  for (const name of names.sort()) {
    const path = join(folder, name);
    const isVideo = isVideoPath(name);
    if (skipped.some((subfolder) => name.startsWith(subfolder))) continue;
    if (!isVideo && !isImagePath(name)) continue;
    identity += `${name}\n${(await sizeAndTime(path)).size}\n`;
    const file = relative(folder, path).split(sep).join("/");
    const source = dirname(file) === "." ? basename(folder) : dirname(file);
    const kind = { label: "real", generator: "none", attributes: "", crop: "" } as const;
    items.push({ ...kind, file, path, source, group: file, isVideo });
  }
  return { items, identity };
}
