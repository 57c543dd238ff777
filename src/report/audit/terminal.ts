import { join } from "node:path";
import type { AuditSummary } from "../../types/audit.ts";
import { formatBytes } from "../format-bytes.ts";
import { type Color, paint, stripControlCharacters, type TerminalStyle } from "../terminal-style.ts";
import { outcomeWords, reasonWords } from "../words.ts";

/** The counts of an audit, for a terminal. */
export function formatAuditCounts(summary: AuditSummary, out: string, style: TerminalStyle): string {
  const { counts, files, bytes, duplicates } = summary;
  const line = (count: number, text: string, color: Color) => {
    const shown = `${String(count).padStart(8)}  ${text}`;
    return count === 0 ? shown : paint(shown, color, style);
  };
  const same = duplicates === 0 ? "" : `, ${duplicates} of them with the content of another`;
  const { origins = {} } = summary;
  const said = [
    [origins.generated ?? 0, "say they were generated"],
    [origins["edited-with-generative-ai"] ?? 0, "say they were edited with generative AI"],
    [origins.captured ?? 0, "say they were recorded by a camera"],
    [origins["invalid-credentials"] ?? 0, "have broken Content Credentials"],
  ] as const;
  return `${[
    line(counts.forged, outcomeWords.forged.toLowerCase(), "red"),
    line(counts.inconclusive, `${outcomeWords.inconclusive.toLowerCase()}${why(summary.reasons)}`, "yellow"),
    line(counts.error, outcomeWords.error.toLowerCase(), "yellow"),
    line(counts.authentic, outcomeWords.authentic.toLowerCase(), "cyan"),
    line(counts["not-media"], outcomeWords["not-media"].toLowerCase(), "dim"),
    ...said.filter(([count]) => count > 0).map(([count, text]) => line(count, text, "dim")),
    stripControlCharacters(
      `${files} files (${formatBytes(bytes)})${same}. Open ${join(out, "summary.html")}`,
    ),
  ].join("\n")}\n`;
}

/** e.g. ` (3 no face found, 1 too compressed)`. */
function why(reasons: AuditSummary["reasons"]): string {
  const parts = Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, files]) => `${files} ${reasonWords[reason as keyof typeof reasonWords] ?? reason}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
