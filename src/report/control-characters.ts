/** What steers a terminal or turns text round: C0 but for tabs and line breaks, C1, and marks of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control characters written out, e.g. `\\u001b`: a file's name is the sender's to choose (CWE-150). */
export function escapeControlCharacters(text: string): string {
  return text.replace(CONTROL, escaped);
}

/**
 * JSON without raw control characters, which a terminal would obey; what it parses to is the same.
 *
 * @param indent spaces; 0 for one line
 */
export function safeJson(value: unknown, indent = 0): string {
  // Outside of strings JSON has none of these; inside, JSON.stringify escapes those below U+0020 itself.
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    escaped,
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
