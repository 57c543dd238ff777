import { mkdir, readdir, stat, symlink } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { draws } from "./audits.ts";

/**
 * Links media of other folders into one: all videos, and a random sample of images.
 *
 * @param folder created if it does not exist
 */
export async function linkCorpus(
  folder: string,
  { data, images, seed }: { data: readonly string[]; images: number; seed: number },
): Promise<number> {
  if (await stat(folder).catch(() => null)) return (await readdir(folder, { recursive: true })).length;
  let count = 0;
  for (const source of data.map((path) => resolve(path))) {
    const entries = await readdir(source, { withFileTypes: true, recursive: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const [videos, pictures] = [
      files.filter(isVideo),
      files.filter((path) => /\.(jpe?g|png|webp)$/i.test(path)),
    ];
    for (const path of [...videos, ...draw(pictures, images, seed)]) {
      const name = relative(source, path).replaceAll("/", "_");
      await mkdir(join(folder, basename(source)), { recursive: true });
      await symlink(path, join(folder, basename(source), name));
      count++;
    }
  }
  return count;
}

function isVideo(path: string): boolean {
  return /\.(mp4|mov|mkv|webm|avi)$/i.test(path);
}

function draw(paths: readonly string[], count: number, seed: number): string[] {
  const next = draws(seed);
  return paths
    .map((path) => ({ path, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ path }) => path);
}
