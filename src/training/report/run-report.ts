import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { folderName } from "../../files/file-names.ts";
import { writeWhole } from "../../files/write-file.ts";
import { escapeText } from "./curves.ts";
import { scrollingText, section } from "./report-parts.ts";
import { type RunColours, runColours } from "./run-colours.ts";

/**
 * Reads `stats.jsonl`. A resumed run logs some steps again; the later line counts. Incomplete lines are skipped.
 *
 * @param keyOf key of a line; of lines with equal keys the last one counts
 */
export async function readStats<Row>(folder: string, keyOf: (row: Row) => string): Promise<Row[]> {
  const text = await readFile(join(folder, "stats.jsonl"), "utf8").catch(() => "");
  const kept = new Map<string, Row>();
  for (const row of text.split("\n").map(parseLine)) {
    if (row !== null) kept.set(keyOf(row as Row), row as Row);
  }
  return [...kept.values()];
}

function parseLine(line: string): object | null {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" ? row : null;
  } catch {
    return null;
  }
}

/** Content of a run report. */
export interface RunReport {
  /** Kind of run, e.g. `GAN run`. */
  readonly kind: string;
  readonly title: string;
  /** HTML. */
  readonly parts: readonly string[];
}

/** Options that are paths; the report only shows their last components. */
const PATH_OPTIONS: ReadonlySet<string> = new Set(["data", "a", "b", "out", "cache", "from"]);

const namesOf = (value: unknown) =>
  typeof value === "string" && value !== "" ? value.split(",").map(folderName).join(",") : value;

/** Writes `report.html`: the given parts and the options. It is self-contained and has no script. */
export async function writeRunReport(folder: string, { kind, title, parts }: RunReport): Promise<void> {
  const recorded: Record<string, unknown> = JSON.parse(await readFile(join(folder, "options.json"), "utf8"));
  const options = JSON.stringify(
    recorded,
    (name, value) => (PATH_OPTIONS.has(name) ? namesOf(value) : value),
    2,
  );
  const html = [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeText(title)} - Telltale ${escapeText(kind)}</title><style>${style}</style></head>`,
    `<body><header><p class="soft">Telltale ${escapeText(kind)}</p><h1>${escapeText(title)}</h1></header>`,
    "<main>",
    ...parts.filter((part) => part !== ""),
    section("Options", [scrollingText("Options", options)]),
    "</main></body></html>",
    "",
  ];
  await writeWhole(join(folder, "report.html"), html.join("\n"));
}

/** `file:` allows images if the page is opened from disk, 'self' if it is served. */
const policy =
  "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function variables({ ground, card, text, soft, line, link, warning }: RunColours): string {
  return `--ground:${ground};--card:${card};--text:${text};--soft:${soft};--line:${line};--link:${link};--warning:${warning}`;
}

/** One column, system fonts, light and dark mode, light when printed. */
const style = `
:root{color-scheme:light dark;${variables(runColours.light)}}
@media (prefers-color-scheme:dark){:root{${variables(runColours.dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:78rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1,h2,p,ul,dl,dd,figure,pre{margin:0}h1{font-size:1.5rem;line-height:1.3;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}
header{margin-bottom:.5rem}p+p,p+dl{margin-top:.5rem}.soft,figcaption,dt,thead th{color:var(--soft)}.soft,figcaption,dt{font-size:.875rem}
a{color:var(--link)}img{display:block;max-width:100%;height:auto}
.gallery{display:grid;gap:1rem;margin-top:.75rem;align-items:start}
.large{grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),32rem))}.charts{grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1.5rem}
.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr))}.charts img{width:100%}
.warnings{margin-top:1rem;padding:.75rem 1rem;border-radius:.75rem;background:var(--warning)}.warnings h2{margin:0 0 .25rem;font-size:1rem}
.warnings ul{padding-left:1.25rem}li,dd{overflow-wrap:anywhere}summary{cursor:pointer}
.scroll{overflow-x:auto;margin-top:.5rem}table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:bottom}thead th{font-weight:400}
th:first-child{text-align:left}tbody th{font-weight:400}
pre{padding:.75rem 1rem;font:.8125rem/1.5 ui-monospace,monospace}.scroll:has(pre){border-radius:.75rem;background:var(--card)}
dl div{display:grid;grid-template-columns:12rem 1fr;gap:.5rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media (max-width:30rem){dl div{grid-template-columns:1fr;gap:0}}
@media print{:root{color-scheme:light;${variables(runColours.light)}}body{max-width:none;padding:0;font-size:10pt}.scroll{overflow:visible}
table{font-size:7pt}th,td{padding:.15rem .3rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}h2{break-after:avoid}summary{display:none}details::details-content{content-visibility:visible}figure,tr{break-inside:avoid}
.large{grid-template-columns:1fr 1fr}.charts,.small{grid-template-columns:repeat(3,1fr)}}
@page{margin:12mm}
`;
