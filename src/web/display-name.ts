import { stripControlCharacters } from "../report/terminal-style.ts";

const MAX_CHARACTERS = 200;

/**
 * What a sender calls a file, fit to be shown: the last part of a path, without characters that steer a terminal or
 * turn the direction of writing. It is never used as a path.
 */
export function displayName(given: string | undefined): string {
  const last = (given ?? "").split(/[/\\]/).at(-1)!;
  const shown = stripControlCharacters(last).trim().slice(0, MAX_CHARACTERS);
  return shown === "" || shown === "." || shown === ".." ? "upload" : shown;
}
