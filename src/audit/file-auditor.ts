import { lstat, rm } from "node:fs/promises";
import { meaningOf, TelltaleError } from "../errors.ts";
import { utf8Path } from "../files/utf8-path.ts";
import { type Fingerprint, fingerprint, quickRefusal } from "../media/index.ts";
import { type AuditEntry, ENTRY_SCHEMA, type FileResult } from "../types/audit.ts";
import type { AnalysisTask, Analyzer } from "./analyzer.ts";
import { base64Of, type FileName, pathBelow } from "./file-name.ts";
import { failedResult } from "./file-result.ts";
import type { Ledger } from "./ledger.ts";
import { FileChangingError, moveForged } from "./move-forged.ts";
import type { ResolvedAuditOptions } from "./options.ts";
import { writeReportFiles } from "./report-files.ts";
import type { FoundFile, WalkError, WalkItem } from "./walk.ts";

/** Dependencies and settings of a {@link FileAuditor}. */
export interface FileAuditorSetup {
  readonly root: string;
  readonly out: string;
  /** Folder for temporary links to names that are not UTF-8. */
  readonly scratch: string;
  /** Prefix of the task ids, which are unique per queue. */
  readonly auditId: string;
  readonly model: string;
  /** PEM certificates of trusted signers; null for none. */
  readonly trustAnchors: string | null;
  readonly sampling: { readonly frames: number | null; readonly fps: number | null };
  readonly options: ResolvedAuditOptions;
  readonly ledger: Ledger;
  readonly analyzer: Analyzer;
  readonly signal: AbortSignal;
  readonly onFrames?: (path: string, done: number, total: number | null) => void;
}

/** The current entry of a file. */
export interface Audited {
  readonly entry: AuditEntry;
  /** Whether the entry was added just now. */
  readonly isNew: boolean;
  /** Whether the file had no entry before. */
  readonly isFirst: boolean;
}

type Recorded = Omit<Audited, "isFirst">;

/** Attempts to analyze a file that changes during the analysis. */
const MAX_CHANGES = 3;

/** Analyzes files, records them in the ledger and moves forged ones. */
export class FileAuditor {
  readonly #setup: FileAuditorSetup;
  /** Pending analyses by SHA-256, each until its line is in the ledger. */
  readonly #pending = new Map<string, Promise<unknown>>();

  constructor(setup: FileAuditorSetup) {
    this.#setup = setup;
  }

  /**
   * Analyzes a file, unless the ledger has its result.
   *
   * @returns null if the file has vanished
   * @throws TelltaleError for an error that concerns every file
   */
  async audit(found: WalkItem): Promise<Audited | null> {
    const before = await this.#setup.ledger.ofPath(found.name);
    const recorded = await this.#audit(found, before);
    return recorded && { ...recorded, isFirst: before === null };
  }

  /** The entry of a file that need not be analyzed again; otherwise null. */
  async recordOf(found: FoundFile): Promise<AuditEntry | null> {
    const entry = await this.#setup.ledger.ofPath(found.name);
    return entry !== null && isDone(entry) && isUntouched(entry, found) ? entry : null;
  }

  async #audit(found: WalkItem, before: AuditEntry | null): Promise<Recorded | null> {
    if ("errorCode" in found) return this.#recordError(found, before);
    if (before !== null && isDone(before) && isUntouched(before, found))
      return this.#moveIfForged(before, found, false);
    for (let i = 1; ; i++) {
      try {
        return await this.#auditContent(found, before);
      } catch (error) {
        if (this.#setup.signal.aborted || !(error instanceof TelltaleError)) throw error;
        if (error.code !== "FILE_CHANGED") throw error;
        if (i === MAX_CHANGES)
          return this.#record(this.#entryOf(found, failedResult(found.name.text, error)), before);
      }
    }
  }

  async #auditContent(found: FoundFile, before: AuditEntry | null): Promise<Recorded | null> {
    const { ledger } = this.#setup;
    const content = await this.#read(found);
    if (content === null) return null;
    if ("result" in content) return this.#record(this.#entryOf(found, content.result), before);
    const { sha256 } = content;
    while (this.#pending.has(sha256)) await this.#pending.get(sha256);
    // Only the date has changed.
    if (before?.sha256 === sha256 && isDone(before)) return this.#moveIfForged(before, found, false);
    const recording = (async () => {
      const known = await ledger.ofContent(sha256);
      const entry =
        known !== null && isDone(known)
          ? this.#duplicateOf(known, found, content)
          : await this.#analyze(found, content);
      return entry && (await this.#record(entry, before));
    })();
    const done = recording.catch(() => {}).finally(() => this.#pending.delete(sha256));
    this.#pending.set(sha256, done);
    const recorded = await recording;
    return recorded && this.#moveIfForged(recorded.entry, found, recorded.isNew);
  }

  /** Hash and size of a file, or a result with the error; null if the file has vanished. */
  async #read({ name }: FoundFile): Promise<Fingerprint | { readonly result: FileResult } | null> {
    const { signal } = this.#setup;
    try {
      return await this.#withPath(name, (path) => fingerprint(path, { signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(await this.#isThere(name))) return null;
      const message = `Expected to read ${name.text} but could not (${codeOf(error)}).`;
      const failure = error instanceof TelltaleError ? error : { code: "FILE_UNREADABLE", message };
      return { result: failedResult(name.text, failure) };
    }
  }

  /** Result of a file whose first bytes show that it is not media; otherwise null. */
  async #quickResult({ name }: FoundFile): Promise<FileResult | null> {
    const error = await this.#withPath(name, quickRefusal);
    return error && failedResult(name.text, error);
  }

  /** Calls a function with a path that is UTF-8. Errors show the path below the audited folder. */
  async #withPath<Result>(name: FileName, use: (path: string) => Promise<Result>): Promise<Result> {
    const { root, scratch } = this.#setup;
    const path = await utf8Path(pathBelow(root, name), scratch);
    const named = (error: TelltaleError) =>
      new TelltaleError(error.code, error.message.replaceAll(path, name.text), { cause: error });
    try {
      const result = await use(path);
      return result instanceof TelltaleError ? (named(result) as Result) : result;
    } catch (error) {
      throw error instanceof TelltaleError ? named(error) : error;
    } finally {
      if (!Buffer.from(path).equals(pathBelow(root, name))) await rm(path, { force: true });
    }
  }

  async #analyze(found: FoundFile, content: Fingerprint): Promise<AuditEntry | null> {
    const { analyzer, signal, out, onFrames } = this.#setup;
    const { text } = found.name;
    const quick = await this.#quickResult(found);
    if (quick !== null) return { ...this.#entryOf(found, quick), ...content };
    const startedMs = performance.now();
    const onProgress = (done: number, total: number | null) => onFrames?.(text, done, total);
    const output = await analyzer.analyze(this.#taskOf(found, content), { signal, onProgress });
    if (output.result.error?.code === "FILE_MISSING" && !(await this.#isThere(found.name))) return null;
    const files = await writeReportFiles(out, content.sha256, output);
    const tookSec = Number(((performance.now() - startedMs) / 1000).toFixed(3));
    return { ...this.#entryOf(found, output.result), ...content, ...files, tookSec };
  }

  #taskOf({ name }: FoundFile, { sha256, bytes }: Fingerprint): AnalysisTask {
    const { auditId, root, model, sampling, options } = this.#setup;
    return {
      id: `${auditId}-${sha256}`,
      folder: root,
      pathBase64: name.bytes.toString("base64"),
      path: name.text,
      modelSha256: model,
      stability: options.stability,
      provenance: options.provenance,
      trustAnchors: this.#setup.trustAnchors,
      reports: options.reports,
      paths: options.paths,
      ...sampling,
      ...{ sha256, bytes },
    };
  }

  /** The entry of a file whose content was analyzed under another path. */
  #duplicateOf(known: AuditEntry, found: FoundFile, content: Fingerprint): AuditEntry {
    const { text } = found.name;
    // The outcome of a file that is not media depends on its extension.
    const failure = known.error && {
      code: known.error.code,
      message: known.error.message.replaceAll(known.path, text),
    };
    const result = failure === null ? resultIn(known) : failedResult(text, failure);
    const duplicateOf = known.path === text ? null : known.path;
    const { report, thumbnail } = known;
    return { ...this.#entryOf(found, result), ...content, report, thumbnail, duplicateOf };
  }

  #entryOf(found: WalkItem, result: FileResult): AuditEntry {
    const { name } = found;
    const stats = "errorCode" in found ? null : found;
    return {
      schema: ENTRY_SCHEMA,
      path: name.text,
      pathBase64: base64Of(name),
      bytes: stats?.bytes ?? null,
      modified: stats && new Date(stats.modifiedMs).toISOString(),
      sha256: null,
      model: this.#setup.model,
      ...result,
      ...{ duplicateOf: null, movedTo: null, report: null, thumbnail: null },
      at: new Date().toISOString(),
      tookSec: 0,
    };
  }

  #recordError(found: WalkError, before: AuditEntry | null): Promise<Recorded> {
    const { text } = found.name;
    const message =
      found.errorCode === "ENOENT" || found.errorCode === "ELOOP"
        ? `Expected a file at ${text} but it is a broken link (${found.errorCode}); repair or delete it.`
        : `Expected to read ${text || "the folder"} but could not (${found.errorCode}); give this user access.`;
    const code = found.errorCode === "ENOENT" ? "FILE_MISSING" : "FILE_UNREADABLE";
    const result: FileResult = { ...failedResult(text, { code, message }), outcome: "error" };
    return this.#record(this.#entryOf(found, result), before);
  }

  /** Adds an entry, unless it repeats the error of the last one. */
  async #record(entry: AuditEntry, before: AuditEntry | null): Promise<Recorded> {
    if (before?.error && before.error.code === entry.error?.code && before.sha256 === entry.sha256) {
      return { entry: before, isNew: false };
    }
    await this.#setup.ledger.append(entry);
    return { entry, isNew: true };
  }

  /** Moves a forged file if the options say so. */
  async #moveIfForged(entry: AuditEntry, { name }: FoundFile, isNew: boolean): Promise<Recorded> {
    const { options, root, ledger } = this.#setup;
    if (options.moveForged === undefined || entry.outcome !== "forged") return { entry, isNew };
    let latest = entry;
    const announce = (movedTo: string) => {
      latest = { ...entry, movedTo, at: new Date().toISOString() };
      return ledger.append(latest);
    };
    try {
      const isMoved = await moveForged({
        ...{ root, name, sha256: entry.sha256!, target: options.moveForged, announce },
      });
      return isMoved ? { entry: latest, isNew: true } : { entry, isNew };
    } catch (error) {
      // The next round tries again.
      const isRetried = error instanceof FileChangingError && options.watch;
      if (isRetried && latest === entry) return { entry, isNew };
      const warning = `It could not be moved to ${options.moveForged} (${codeOf(error)}).`;
      if (latest === entry && entry.warnings.includes(warning)) return { entry, isNew };
      const warnings = isRetried ? entry.warnings : [...new Set([...entry.warnings, warning])];
      const failed = { ...entry, movedTo: null, warnings };
      await ledger.append(failed);
      return { entry: failed, isNew: true };
    }
  }

  async #isThere(name: FileName): Promise<boolean> {
    return lstat(pathBelow(this.#setup.root, name)).then(
      () => true,
      () => false,
    );
  }
}

function isDone({ error }: AuditEntry): boolean {
  return error === null || meaningOf(error.code).isTransient !== true;
}

function isUntouched(entry: AuditEntry, { bytes, modifiedMs }: FoundFile): boolean {
  return entry.bytes === bytes && entry.modified === new Date(modifiedMs).toISOString();
}

function resultIn(entry: AuditEntry): FileResult {
  const { outcome, reason, authenticity, kind, durationSec, width, height, faces, error, warnings } = entry;
  const { origin = null } = entry;
  return { outcome, reason, authenticity, kind, durationSec, width, height, faces, error, warnings, origin };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
