import type { Command } from "commander";
import { z } from "zod";
import { auditOptionsSchema } from "../audit/options.ts";
import { formatAuditCounts } from "../report/audit/terminal.ts";
import { terminalStyle } from "../report/terminal-style.ts";
import type { AuditSummary } from "../types/audit.ts";
import { startAuditProgress } from "./audit-progress.ts";
import { exitCodes } from "./exit-codes.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { untilSignal } from "./signals.ts";

/** What the command does beyond the library's audit. */
export const auditCommandSchema = z.strictObject({
  failOn: z
    .array(z.enum(["forged", "inconclusive", "error"]))
    .default([])
    .describe("Outcome that the exit code tells of; may be given again. All of them when left out.")
    .meta({ placeholder: "OUTCOME" }),
  quiet: z.boolean().default(false).describe("Print nothing but errors."),
});

const help = `
Exit codes:
  0   every video and picture is authentic
  10  a file is forged
  11  a file is inconclusive and none is forged
  1   a file could not be looked at, or the run failed
  2   wrong usage
With --fail-on only the outcomes named there count.

The same command goes on where a stopped one was. DIR holds summary.html, files.csv, files.jsonl, summary.json, a report
for each file, and ledger.jsonl.

Examples:
  telltale audit media --out audit
  telltale audit media --out audit --include "**/*.{mp4,mov}" --exclude "drafts/**" --fail-on forged
  telltale audit incoming --out audit --watch --move-forged quarantine
  telltale audit /mnt/share --out audit --redis redis://queue:6379 --page 8090
`;

/** Adds `telltale audit FOLDER`. */
export function addAudit(program: Command): void {
  const command = program
    .command("audit")
    .description("Judges every video and picture in a folder; a stopped audit goes on where it was.")
    .argument("<FOLDER>", "folder of videos and pictures")
    .addHelpText("after", help);
  addFlags(command, auditOptionsSchema);
  addFlags(command, auditCommandSchema);
  command.action(async (folder: string, flags: Record<string, unknown>) => {
    const options = readFlags(auditOptionsSchema, flags);
    const { failOn, quiet } = readFlags(auditCommandSchema, flags);
    const summary = await untilSignal(async (signal) => {
      const { audit } = await import("../index.ts");
      const progress = await startAuditProgress(!quiet);
      try {
        const onPage = (address: string) => say(`The queue is shown at ${address}`);
        const entries = audit(folder, options, { signal, onProgress: progress.update, onPage });
        for (;;) {
          const next = await entries.next();
          if (next.done) return next.value;
          const { outcome, path, error } = next.value;
          if (outcome === "error") progress.say(`${path}: ${error!.message}`);
        }
      } finally {
        progress.stop();
      }
    });
    if (!quiet) process.stdout.write(formatAuditCounts(summary, options.out, terminalStyle(process.stdout)));
    process.exitCode = exitCodeOf(summary, failOn);
  });
}

/** As of `detect`, for the outcomes that count. */
function exitCodeOf({ counts }: AuditSummary, failOn: readonly string[]): number {
  const counted = (outcome: "error" | "forged" | "inconclusive") =>
    counts[outcome] > 0 && (failOn.length === 0 || failOn.includes(outcome));
  if (counted("error")) return exitCodes.failed;
  if (counted("forged")) return exitCodes.forged;
  return counted("inconclusive") ? exitCodes.inconclusive : exitCodes.authentic;
}
