import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { withNames } from "../files/file-names.ts";
import { replaceByStream, writeWhole } from "../files/write-file.ts";
import { auditCsvHead, auditCsvRow } from "../report/audit/csv.ts";
import { formatAuditPage, type Shown } from "../report/audit/page.ts";
import { safeJson } from "../report/control-characters.ts";
import { tool } from "../report/tool.ts";
import { type AuditEntry, type AuditSummary, ENTRY_SCHEMA, type Outcome, outcomes } from "../types/audit.ts";
import type { AuditBasis } from "./audit-folder.ts";
import { fileName, pathBelow } from "./file-name.ts";
import { type Ledger, pathBytes } from "./ledger.ts";

/** Maximum rows per outcome on the page; `files.csv` has all files. */
const MAX_SHOWN: Readonly<Record<Outcome, number>> = {
  forged: 1000,
  inconclusive: 1000,
  error: 500,
  authentic: 500,
  "not-media": 0,
};

/**
 * Writes `files.csv`, `files.jsonl`, `summary.json` and `summary.html` from the ledger, which it reads as a stream.
 * They list every file that still exists or was moved.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function summarize(
  ledger: Ledger,
  out: string,
  about: {
    readonly basis: AuditBasis;
    readonly options: object;
    /** Paths that are replaced by names in the output. */
    readonly names: ReadonlyMap<string, string>;
  },
): Promise<AuditSummary> {
  const { basis, options, names } = about;
  const tally = new Tally();
  await replaceByStream(join(out, "files.csv"), (csv) =>
    replaceByStream(join(out, "files.jsonl"), async (jsonl) => {
      await csv(auditCsvHead());
      for await (const recorded of ledger.current()) {
        if (!(await isThere(basis.folder, recorded))) continue;
        const { movedTo, warnings } = recorded;
        const entry = { ...recorded, ...withNames({ movedTo, warnings }, names) };
        tally.add(entry);
        await csv(auditCsvRow(entry));
        await jsonl(`${safeJson(entry)}\n`);
      }
    }),
  );
  const { folder, model } = basis;
  const madeAt = new Date().toISOString();
  const summary: AuditSummary = {
    ...{ schema: ENTRY_SCHEMA, tool, model, ...tally.sums, madeAt },
    ...withNames({ folder, options }, names),
  };
  await writeWhole(join(out, "summary.json"), `${safeJson(summary, 2)}\n`);
  await writeWhole(join(out, "summary.html"), formatAuditPage(summary, tally.shown));
  return summary;
}

/** Whether a file exists or was moved. The ledger keeps lines of deleted files. */
async function isThere(folder: string, entry: AuditEntry): Promise<boolean> {
  if (entry.movedTo !== null) return true;
  return lstat(pathBelow(folder, fileName(pathBytes(entry)))).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
}

/** Counts entries and keeps those with the lowest authenticity per outcome. */
class Tally {
  readonly #counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  readonly #worst = Object.fromEntries(outcomes.map((outcome) => [outcome, [] as AuditEntry[]])) as Record<
    Outcome,
    AuditEntry[]
  >;
  readonly #reasons: Record<string, number> = {};
  readonly #errors: Record<string, number> = {};
  readonly #origins = {
    generated: 0,
    "edited-with-generative-ai": 0,
    captured: 0,
    "invalid-credentials": 0,
  };
  #duplicates = 0;
  #moved = 0;
  #bytes = 0;
  #mediaSec = 0;

  add(entry: AuditEntry): void {
    const { outcome, reason, error } = entry;
    this.#counts[outcome]++;
    if (entry.duplicateOf !== null) this.#duplicates++;
    if (entry.movedTo !== null) this.#moved++;
    this.#bytes += entry.bytes ?? 0;
    this.#mediaSec += entry.durationSec ?? 0;
    if (reason !== null) this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    if (outcome === "error") this.#errors[error!.code] = (this.#errors[error!.code] ?? 0) + 1;
    const { declares = null, credentials = null } = entry.origin ?? {};
    if (declares !== null) this.#origins[declares]++;
    if (credentials?.state === "invalid") this.#origins["invalid-credentials"]++;
    const worst = this.#worst[outcome];
    worst.push(entry);
    if (worst.length > 2 * MAX_SHOWN[outcome]) this.#truncate(outcome);
  }

  #truncate(outcome: Outcome): void {
    const worst = this.#worst[outcome];
    worst.sort((a, b) => (a.authenticity ?? 2) - (b.authenticity ?? 2) || (a.path < b.path ? -1 : 1));
    worst.length = Math.min(worst.length, MAX_SHOWN[outcome]);
  }

  get sums(): Pick<
    AuditSummary,
    "counts" | "files" | "duplicates" | "moved" | "bytes" | "mediaSec" | "reasons" | "errors" | "origins"
  > {
    return {
      counts: { ...this.#counts },
      files: Object.values(this.#counts).reduce((sum, count) => sum + count, 0),
      ...{ duplicates: this.#duplicates, moved: this.#moved, bytes: this.#bytes },
      mediaSec: Number(this.#mediaSec.toFixed(3)),
      reasons: this.#reasons,
      errors: this.#errors,
      origins: { ...this.#origins },
    };
  }

  /** In the order of {@link outcomes}, entries with the lowest authenticity first. */
  get shown(): Shown[] {
    return outcomes.map((outcome) => {
      this.#truncate(outcome);
      const entries = this.#worst[outcome];
      return { outcome, entries, hidden: this.#counts[outcome] - entries.length };
    });
  }
}
