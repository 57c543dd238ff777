import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { TelltaleError } from "../../errors.ts";
import { type DataItem, isVideoPath, readDataIndex } from "../data-index.ts";

const imageEndings = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".heic"];

/** The authentic media that a GAN learns from. */
export interface MediaList {
  readonly items: readonly DataItem[];
  /** Changes when the list or one of its files does. */
  readonly sha256: string;
  /** Path of the index; null when the items come from a folder. */
  readonly indexPath: string | null;
}

/**
 * Lists authentic media: the rows of an index that are labelled real, or every picture and video below a folder.
 *
 * In a folder the subfolder is the source and each file a group by itself.
 *
 * @param sources only these; all when empty
 * @throws TelltaleError `DATA_INVALID` when nothing is left
 */
export async function listMedia(data: string, sources: readonly string[]): Promise<MediaList> {
  const entry = await stat(data).catch((cause: unknown) => {
    const sentence = `Expected an index.csv or a folder at ${data}, but there is none.`;
    throw new TelltaleError("DATA_INVALID", sentence, { cause });
  });
  if (!entry.isDirectory() && (isVideoPath(data) || imageEndings.includes(extname(data).toLowerCase()))) {
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
  return { items: wanted, sha256, indexPath: entry.isDirectory() ? null : data };
}

async function readIndex(path: string) {
  return { items: await readDataIndex(path), identity: await readFile(path) };
}

async function readFolder(folder: string): Promise<{ items: DataItem[]; identity: string }> {
  const names = await readdir(folder, { recursive: true });
  const items: DataItem[] = [];
  let identity = "";
  for (const name of names.sort()) {
    const path = join(folder, name);
    const isVideo = isVideoPath(name);
    if (!isVideo && !imageEndings.includes(extname(name).toLowerCase())) continue;
    const { size, mtimeMs } = await stat(path);
    identity += `${name}\n${size}\n${mtimeMs}\n`;
    const file = relative(folder, path).split(sep).join("/");
    const source = dirname(file) === "." ? basename(folder) : dirname(file);
    const kind = { label: "real", generator: "none", attributes: "", crop: "" } as const;
    items.push({ ...kind, file, path, source, group: file, isVideo });
  }
  return { items, identity };
}
