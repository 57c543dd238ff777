import { safeJson } from "./control-characters.ts";
import type { FileReport } from "./schema.ts";
import { verdictColor } from "./terminal.ts";
import { stripControlCharacters, paint, type TerminalStyle } from "./terminal-style.ts";
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
  readonly changed: readonly { readonly path: string; readonly first: ComparedVerdict; readonly second: ComparedVerdict }[];
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

/** A comparison for people: a line for each file whose verdict changed. */
export function formatComparison(comparison: Comparison, style: TerminalStyle): string {
  const { models, compared, changed, failed, folder } = comparison;
  const titles = models.map(({ name, version, sha256 }) => `${name} ${version} (${sha256.slice(0, 12)})`);
  const show = ({ verdict, authenticity }: ComparedVerdict) =>
    paint(`${verdict.padEnd(12)} ${authenticity?.toFixed(2) ?? "-   "}`, verdictColor[verdict], style);
  const arrow = style.hasUnicode ? "→" : "->";
  const lines = changed.map(
    ({ path, first, second }) => `  ${show(first)} ${arrow} ${show(second)}  ${stripControlCharacters(path)}`,
  );
  const count = `${changed.length} of ${compared} verdicts in ${folder} changed from ${titles[0]} to ${titles[1]}`;
  const misses = failed.length === 0 ? "" : `; ${failed.length} files could not be looked at`;
  return `${[...lines, stripControlCharacters(`${count}${misses}.`)].join("\n")}\n`;
}
