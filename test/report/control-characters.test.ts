import { expect, test } from "vitest";
import { escapeControlCharacters, safeJson } from "../../src/report/control-characters.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const name = Array.from({ length: 0x2070 }, (_, i) => String.fromCharCode(i)).join("");

test("no control character is left in a text, and all other characters are", () => {
  expect(escapeControlCharacters(name)).not.toMatch(steering);
  expect(escapeControlCharacters("ä\tb\n漢字 😀")).toBe("ä\tb\n漢字 😀");
});

test("JSON holds no raw control character, and parses to the same", () => {
  expect(safeJson({ name })).not.toMatch(steering);
  expect(JSON.parse(safeJson({ name }, 2))).toEqual({ name });
});
