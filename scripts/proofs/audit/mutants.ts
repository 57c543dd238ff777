import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { draws } from "./audits.ts";

/** Kind of damage. */
export const mutations = ["flip", "cut", "splice"] as const;

/** Maximum number of flipped bytes per file. */
const MAX_FLIPS = 200;

/**
 * Writes damaged copies of media: flipped bytes, a removed end or middle part, or an inserted part of another file. The same
 * seed gives the same files.
 *
 * @param from folder of intact media
 * @returns names of the written files
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
  // Half of the damage is in the header, which has sizes and counts.
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
