import { join } from "node:path";
import sharp from "sharp";
import { type Chart, escapeText } from "./curves.ts";

/** A section with its heading; empty if all parts are empty. */
export function section(title: string, parts: readonly string[]): string {
  const shown = parts.filter((part) => part !== "");
  return shown.length === 0 ? "" : `<section><h2>${escapeText(title)}</h2>\n${shown.join("\n")}\n</section>`;
}

/** Figures in columns. @param kind `large`: two per row; `charts`: three; `small`: as many as fit */
export function gallery(kind: "large" | "charts" | "small", figures: readonly string[]): string {
  const shown = figures.filter((figure) => figure !== "");
  return shown.length === 0 ? "" : `<div class="gallery ${kind}">\n${shown.join("\n")}\n</div>`;
}

/**
 * An image of the run folder, with its size to avoid layout shifts.
 *
 * @returns empty if the file is missing or damaged
 */
export async function picture(folder: string, file: string, caption: string): Promise<string> {
  const size = await sharp(join(folder, file))
    .metadata()
    .catch(() => null);
  if (size === null) return "";
  return figure({ file, ...size, alt: caption }, caption);
}

/** A chart file in the folder of the page. */
export function chartFigure(file: string, { width, height, alt }: Chart): string {
  return figure({ file, width, height, alt });
}

interface Image {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
}

/** The image links to the file itself. */
function figure({ file, width, height, alt }: Image, caption = ""): string {
  const name = escapeText(file);
  const image = `<a href="${name}"><img src="${name}" width="${width}" height="${height}" alt="${escapeText(alt)}"></a>`;
  return `<figure>${image}${caption === "" ? "" : `<figcaption>${escapeText(caption)}</figcaption>`}</figure>`;
}

export interface Table {
  /** Accessible name. */
  readonly label: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

/** A table that scrolls horizontally on narrow screens. */
export function scrollingTable({ label, head, rows }: Table): string {
  const heads = head.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => {
    const values = cells.map((cell) => `<td>${escapeText(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeText(name)}</th>${values}</tr>`;
  });
  return `${scrollBox(label)}<table><thead><tr>${heads}</tr></thead>\n<tbody>${body.join("\n")}</tbody></table></div>`;
}

/** Preformatted text in a scrolling box. */
export function scrollingText(label: string, text: string): string {
  return `${scrollBox(label)}<pre>${escapeText(text)}</pre></div>`;
}

/** Focusable, so that the keyboard can scroll it. */
function scrollBox(label: string): string {
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeText(label)}">`;
}

/** Number of warnings that are shown without a click. */
const SHOWN_WARNINGS = 3;

/** Warnings, newest first; empty without warnings. @param warnings in chronological order */
export function warningBox(warnings: readonly { readonly at: string; readonly sentence: string }[]): string {
  if (warnings.length === 0) return "";
  const lines = warnings
    .map(({ at, sentence }) => `<li>At ${escapeText(at)}: ${escapeText(sentence)}</li>`)
    .reverse();
  const [shown, others] = [lines.slice(0, SHOWN_WARNINGS), lines.slice(SHOWN_WARNINGS)];
  const more =
    others.length === 0
      ? ""
      : `<details><summary>${others.length} earlier</summary><ul>${others.join("")}</ul></details>`;
  return `<section class="warnings"><h2>Warnings</h2><ul>${shown.join("\n")}</ul>${more}</section>`;
}

/** A list of names and values. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): string {
  const rows = facts.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return rows.length === 0 ? "" : `<dl>${rows.join("")}</dl>`;
}
