import { join } from "node:path";
import sharp from "sharp";
import { type Chart, escapeText } from "./curves.ts";

/** A part of a run's page under its heading; nothing where there is nothing to show. */
export function section(title: string, parts: readonly string[]): string {
  const shown = parts.filter((part) => part !== "");
  return shown.length === 0 ? "" : `<section><h2>${escapeText(title)}</h2>\n${shown.join("\n")}\n</section>`;
}

/** Figures side by side. @param kind `large`: two in a row; `charts`: three; `small`: as many as fit */
export function gallery(kind: "large" | "charts" | "small", figures: readonly string[]): string {
  const shown = figures.filter((figure) => figure !== "");
  return shown.length === 0 ? "" : `<div class="gallery ${kind}">\n${shown.join("\n")}\n</div>`;
}

/**
 * A picture of the run's folder with its size, so that the page does not jump and prints whole.
 *
 * @returns nothing where the file is missing or cut
 */
export async function picture(folder: string, file: string, caption: string): Promise<string> {
  const size = await sharp(join(folder, file))
    .metadata()
    .catch(() => null);
  if (size === null) return "";
  return figure({ file, ...size, alt: caption }, caption);
}

/** A chart that lies beside the page. */
export function chartFigure(file: string, { width, height, alt }: Chart): string {
  return figure({ file, width, height, alt });
}

interface Image {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
}

/** The link opens the file itself, in its own size. */
function figure({ file, width, height, alt }: Image, caption = ""): string {
  const name = escapeText(file);
  const image = `<a href="${name}"><img src="${name}" width="${width}" height="${height}" alt="${escapeText(alt)}"></a>`;
  return `<figure>${image}${caption === "" ? "" : `<figcaption>${escapeText(caption)}</figcaption>`}</figure>`;
}

export interface Table {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly string[])[];
}

/** A table in a box that scrolls, since a phone is narrower than it. */
export function scrollingTable({ label, head, rows }: Table): string {
  const heads = head.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => {
    const values = cells.map((cell) => `<td>${escapeText(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeText(name)}</th>${values}</tr>`;
  });
  return `${scrollBox(label)}<table><thead><tr>${heads}</tr></thead>\n<tbody>${body.join("\n")}</tbody></table></div>`;
}

/** Text as it stands, in a box that scrolls. */
export function scrollingText(label: string, text: string): string {
  return `${scrollBox(label)}<pre>${escapeText(text)}</pre></div>`;
}

/** With a place among what the keyboard reaches, or only a mouse could scroll it. */
function scrollBox(label: string): string {
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeText(label)}">`;
}

/** Newest warnings that are seen at once; the others are a click away. */
const SHOWN_WARNINGS = 3;

/** What went wrong on the way; nothing where nothing did. The newest is shown first. @param warnings as they came */
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

/** What is what, a line each. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): string {
  const rows = facts.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return rows.length === 0 ? "" : `<dl>${rows.join("")}</dl>`;
}
