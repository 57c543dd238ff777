import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkOutputs, type Output } from "../files/check-outputs.ts";

/** Files in a run's folder that others are made from; its pictures and pages may be replaced. */
const SOURCES = /\.(json|jsonl|bin)$/;

/** Files with these names are written into a folder of results. */
const NAMES = ["index.csv", "options.json", "model.json", "weights.bin", "stats.jsonl", "checkpoint.json"];

/** What networks are read from, in the folder of a run or of a model. */
export async function filesOfRun(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((name) => SOURCES.test(name)).map((name) => join(folder, name));
}

/** A file that is to be written, or the known files of a folder that is. */
export async function runOutputs(name: string, out: string): Promise<Output[]> {
  const outputs = [{ name, path: out }];
  const isFolder = /[\\/]$/.test(out) || (await stat(out).catch(() => null))?.isDirectory();
  return isFolder ? [...outputs, ...NAMES.map((file) => ({ name, path: join(out, file) }))] : outputs;
}

/** What `--data` names: an index, or a folder of which everything is read. */
export async function dataPlaces(data: string): Promise<{ files: string[]; folders: string[] }> {
  const isFolder = (await stat(data).catch(() => null))?.isDirectory();
  return isFolder ? { files: [], folders: [data] } : { files: [data], folders: [] };
}

/**
 * Makes sure before a training that its folder replaces nothing that it reads.
 *
 * @throws TelltaleError `USAGE`
 */
export async function checkRun(out: string, data: readonly string[]): Promise<void> {
  const places = await Promise.all(data.map(dataPlaces));
  await checkOutputs(await runOutputs("--out", out), {
    files: places.flatMap(({ files }) => files),
    folders: places.flatMap(({ folders }) => folders),
  });
}
