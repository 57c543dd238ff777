import { rename, writeFile } from "node:fs/promises";

/** Writes a file beside its place and renames it into it, so that a cut leaves no half file there. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.partial`, content);
  await rename(`${path}.partial`, path);
}
