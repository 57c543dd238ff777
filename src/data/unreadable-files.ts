import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../files/write-file.ts";
import type { ExtractHooks, UnreadableFile } from "./extract-crops.ts";

const NAME = "unreadable.jsonl";

/** Hooks that also collect the unreadable files; `write` saves the list in the folder of the dataset. */
export function collectUnreadable(on: ExtractHooks): {
  hooks: ExtractHooks;
  write: (folder: string) => Promise<void>;
} {
  const files: UnreadableFile[] = [];
  const onUnreadable = (file: UnreadableFile) => {
    files.push(file);
    on.onUnreadable?.(file);
  };
  const lines = () => files.map((file) => `${JSON.stringify(file)}\n`).join("");
  return { hooks: { ...on, onUnreadable }, write: (folder) => writeWhole(join(folder, NAME), lines()) };
}

/** Reports the unreadable files of an existing dataset again. */
export async function repeatUnreadable(folder: string, on: ExtractHooks): Promise<void> {
  const text = await readFile(join(folder, NAME), "utf8").catch(() => "");
  for (const line of text.split("\n")) if (line !== "") on.onUnreadable?.(JSON.parse(line));
}
