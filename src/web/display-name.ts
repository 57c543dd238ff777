import { harmless } from "../report/terminal-style.ts";

const MAX_CHARACTERS = 200;

/**
 * What a sender calls a file, fit to be shown: the last part of a path, without characters that steer a terminal or
 * turn the direction of writing. It is never used as a path.
 */
export function displayName(given: string | undefined): string {
  const last = (given ?? "").split(/[/\\]/).at(-1)!;
  const shown = harmless(last).trim().slice(0, MAX_CHARACTERS);
  return shown === "" || shown === "." || shown === ".." ? "upload" : shown;
}

/** A report with some texts in place of others, wherever a text holds them: paths of the server, for names of its own. */
export function rename<Value>(value: Value, names: ReadonlyMap<string, string>): Value {
  if (typeof value === "string") {
    let text: string = value;
    for (const [path, name] of names) text = text.replaceAll(path, () => name);
    return text as Value;
  }
  if (Array.isArray(value)) return value.map((item) => rename(item, names)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rename(item, names)])) as Value;
}
