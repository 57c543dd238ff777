import { stripControlCharacters } from "../terminal-style.ts";

/** HTML that is safe as it stands. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | null | false | Markup | readonly Markup[];

/**
 * HTML from a template. Whatever is put in as text is escaped: only the template itself and other {@link Markup} can
 * bring in tags, so that a file's name, which is the sender's to choose, cannot (CWE-79). `null` and `false` are empty.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(strings.map((part, i) => (i === 0 ? "" : show(values[i - 1]!)) + part).join(""));
}

/** A picture as an address that holds the picture itself. */
export function dataUrl(type: "image/jpeg" | "image/png", bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function show(value: Value): string {
  if (value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map((one) => one.text).join("");
  return stripControlCharacters(String(value)).replace(/[&<>"']/g, (character) => escapes[character]!);
}
