import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { escapeText } from "./curves.ts";

/**
 * The lines of a run's `stats.jsonl`. A run that was cut and resumed has logged some steps twice; the later line counts.
 *
 * @param keyOf lines of one key are the same one, logged again
 */
export async function readStats<Row>(folder: string, keyOf: (row: Row) => string): Promise<Row[]> {
  const text = await readFile(join(folder, "stats.jsonl"), "utf8").catch(() => "");
  const kept = new Map<string, Row>();
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const row = JSON.parse(line) as Row;
    kept.set(keyOf(row), row);
  }
  return [...kept.values()];
}

/** Writes a run's `report.html`: what it is given, and the options below. */
export async function writeRunReport(folder: string, title: string, parts: readonly string[]): Promise<void> {
  const options = await readFile(join(folder, "options.json"), "utf8");
  const html = [
    "<!doctype html>",
    `<html lang="en"><meta charset="utf-8"><title>Telltale: ${escapeText(title)}</title>`,
    "<style>body{font:15px/1.5 sans-serif;max-width:82rem;margin:2rem auto;padding:0 1rem}img{max-width:100%}td,th{padding:.1rem .7rem;text-align:right}</style>",
    `<h1>${escapeText(title)}</h1>`,
    ...parts,
    "<h2>Options</h2>",
    `<pre>${escapeText(options)}</pre>`,
    "</html>",
    "",
  ];
  await writeFile(join(folder, "report.html"), html.join("\n"));
}
