import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { draws } from "./audits.ts";

/** What is done to a file's bytes. */
export const mutations = ["flip", "cut", "splice"] as const;

/** Bytes that are flipped in one file at most. */
const MAX_FLIPS = 200;

/**
 * Writes damaged copies of media: bytes flipped, the end or a middle cut off, or a piece of another file put in. The
 * same seed gives the same files.
 *
 * @param from folder of whole media
 * @returns names of what was written
 */
export async function makeMutants(
  folder: string,
  { from, count, seed }: { from: string; count: number; seed: number },
): Promise<string[]> {
  const names = (await readdir(from))
    .filter((name) => /\.(jpg|png|webp|avif|gif|mp4|m4a)$/.test(name))
    .sort();
  const files = await Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(join(from, name)) })),
  );
  const whole = files.filter(({ bytes }) => bytes.length > 0);
  const next = draws(seed);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(next() * items.length)]!;
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (let i = 0; i < count; i++) {
    const { name, bytes } = pick(whole);
    const mutation = pick(mutations);
    const mutant = mutate(bytes, mutation, pick(whole).bytes, next);
    const stem = name.slice(0, -extname(name).length);
    const path = `${String(i).padStart(4, "0")}-${stem}-${mutation}${extname(name)}`;
    await writeFile(join(folder, path), mutant);
    written.push(path);
  }
  return written;
}

function mutate(
  bytes: Buffer,
  mutation: (typeof mutations)[number],
  other: Buffer,
  next: () => number,
): Buffer {
  // Half of all damage hits the header, where parsers take sizes and counts from.
  const place = (length: number) => Math.floor(next() * (next() < 0.5 ? Math.min(length, 512) : length));
  if (mutation === "flip") {
    const copy = Buffer.from(bytes);
    for (let flips = 1 + Math.floor(next() ** 3 * MAX_FLIPS); flips > 0; flips--) {
      const at = place(copy.length);
      copy[at] = copy[at]! ^ (1 << Math.floor(next() * 8));
    }
    return copy;
  }
  const [from, length] = [place(bytes.length), Math.ceil(next() * 4096)];
  if (mutation === "cut") {
    const to = next() < 0.5 ? bytes.length : Math.min(bytes.length, from + length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  }
  const start = place(other.length);
  return Buffer.concat([
    bytes.subarray(0, from),
    other.subarray(start, start + length),
    bytes.subarray(from),
  ]);
}
