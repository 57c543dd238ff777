import { safeJson } from "./control-characters.ts";
import type { FileReport } from "./schema.ts";
import { verdictLine } from "./sentences.ts";
import { verdictColor } from "./terminal.ts";
import { paint, stripControlCharacters, type TerminalStyle } from "./terminal-style.ts";
import { tool } from "./tool.ts";

/** What one model says of one file. */
export type ComparedVerdict = Pick<FileReport, "verdict" | "reason" | "authenticity">;

/** Two models over the same files. */
export interface Comparison {
  readonly folder: string;
  readonly models: readonly [ComparedModel, ComparedModel];
  /** Files that both looked at. */
  readonly compared: number;
  /** Files whose verdict is another one, in order of paths. */
  readonly changed: readonly {
    readonly path: string;
    readonly first: ComparedVerdict;
    readonly second: ComparedVerdict;
  }[];
  /** Media that could not be looked at, by either. */
  readonly failed: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

export interface ComparedModel {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Of pictures. */
  readonly threshold: FileReport["threshold"];
  readonly clipThreshold: FileReport["threshold"];
}

/** A comparison as JSON. */
export function comparisonJson(comparison: Comparison): string {
  return `${safeJson({ schema: 1, tool, ...comparison }, 2)}\n`;
}

/** A comparison for people: a line in words for each file whose verdict changed. */
export function formatComparison(comparison: Comparison, style: TerminalStyle): string {
  const { models, compared, changed, failed, folder } = comparison;
  const titles = models.map(({ name, version, sha256 }) => `${name} ${version} (${sha256.slice(0, 12)})`);
  const show = (opinion: ComparedVerdict) =>
    paint(verdictLine(opinion), verdictColor[opinion.verdict], style) +
    (opinion.authenticity === null ? "" : ` ${opinion.authenticity.toFixed(2)}`);
  const arrow = style.hasUnicode ? "→" : "->";
  const lines = changed.map(
    ({ path, first, second }) => `  ${stripControlCharacters(path)}: ${show(first)} ${arrow} ${show(second)}`,
  );
  const count = `${changed.length} of ${compared} verdicts in ${folder} changed from ${titles[0]} to ${titles[1]}`;
  const files = failed.length === 1 ? "file" : "files";
  const misses = failed.length === 0 ? "" : `; ${failed.length} ${files} could not be analyzed`;
  return `${[...lines, stripControlCharacters(`${count}${misses}.`)].join("\n")}\n`;
}
