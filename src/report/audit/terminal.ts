import { join } from "node:path";
import type { AuditSummary } from "../../audit/entry.ts";
import { showBytes } from "../byte-size.ts";
import { type Color, harmless, paint, type TerminalStyle } from "../terminal-style.ts";

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
    line(counts.forged, "forged", "red"),
    line(counts.inconclusive, "inconclusive", "yellow"),
    line(counts.error, "not judged", "yellow"),
    line(counts.authentic, "authentic", "green"),
    line(counts["not-media"], "no media", "dim"),
    ...said.filter(([count]) => count > 0).map(([count, text]) => line(count, text, "dim")),
    harmless(`${files} files (${showBytes(bytes)})${same}. Open ${join(out, "summary.html")}`),
  ].join("\n")}\n`;
}
