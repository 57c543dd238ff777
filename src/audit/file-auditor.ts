import { lstat, rm } from "node:fs/promises";
import { meaningOf, TelltaleError } from "../errors.ts";
import { textPath } from "../files/text-path.ts";
import { type Fingerprint, fingerprint, quickRefusal } from "../media/index.ts";
import { type AuditEntry, ENTRY_SCHEMA, type Finding } from "./entry.ts";
import { base64Of, type FileName, pathBelow } from "./file-name.ts";
import { failureFinding } from "./finding.ts";
import type { Judge, JudgeTask } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import { moveForged, StillArriving } from "./move-forged.ts";
import type { ResolvedAuditOptions } from "./options.ts";
import { writeReportFiles } from "./report-files.ts";
import type { Found, FoundFile, FoundTrouble } from "./walk.ts";

/** What stands between a file and its entry. */
export interface FileAuditorSetup {
  readonly root: string;
  readonly out: string;
  /** Folder for links to names that are no text. */
  readonly scratch: string;
  /** Tells this audit's tasks from another's at the same queue. */
  readonly auditId: string;
  readonly model: string;
  /** Certificates of trusted signers in PEM; null where none are given. */
  readonly trustAnchors: string | null;
  readonly sampling: { readonly frames: number | null; readonly fps: number | null };
  readonly options: ResolvedAuditOptions;
  readonly ledger: Ledger;
  readonly judge: Judge;
  readonly signal: AbortSignal;
  readonly onFrames?: (path: string, done: number, total: number | null) => void;
}

/** What is on record of a file. */
export interface Audited {
  readonly entry: AuditEntry;
  /** Whether that came to be just now. */
  readonly isNew: boolean;
  /** Whether nothing was on record of the file before. */
  readonly isFirst: boolean;
}

/** What is on record of a file, before it is known whether there was something before. */
type Recorded = Omit<Audited, "isFirst">;

/** A file that is being written changes while it is judged; it is given this many chances to hold still. */
const MAX_CHANGES = 3;

/** Takes one file after the other from the walk to the ledger. */
export class FileAuditor {
  readonly #setup: FileAuditorSetup;
  /** Contents that are being judged, each until its line is in the ledger. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(setup: FileAuditorSetup) {
    this.#setup = setup;
  }

  /**
   * Takes a file's measure, unless that is on record; null for one that has vanished.
   *
   * @throws TelltaleError what keeps every file from being judged or recorded
   */
  async audit(found: Found): Promise<Audited | null> {
    const before = await this.#setup.ledger.ofPath(found.name);
    const recorded = await this.#audit(found, before);
    return recorded && { ...recorded, isFirst: before === null };
  }

  /** The entry of a file that need not be judged again; null for one that has to be. */
  async recordOf(found: FoundFile): Promise<AuditEntry | null> {
    const entry = await this.#setup.ledger.ofPath(found.name);
    return entry !== null && isDone(entry) && isUntouched(entry, found) ? entry : null;
  }

  async #audit(found: Found, before: AuditEntry | null): Promise<Recorded | null> {
    if ("trouble" in found) return this.#recordTrouble(found, before);
    if (before !== null && isDone(before) && isUntouched(before, found))
      return this.#settle(before, found, false);
    for (let i = 1; ; i++) {
      try {
        return await this.#auditContent(found, before);
      } catch (error) {
        if (this.#setup.signal.aborted || !(error instanceof TelltaleError)) throw error;
        if (error.code !== "FILE_CHANGED") throw error;
        if (i === MAX_CHANGES)
          return this.#record(this.#entryOf(found, failureFinding(found.name.text, error)), before);
      }
    }
  }

  async #auditContent(found: FoundFile, before: AuditEntry | null): Promise<Recorded | null> {
    const { ledger } = this.#setup;
    const content = await this.#read(found);
    if (content === null) return null;
    if ("finding" in content) return this.#record(this.#entryOf(found, content.finding), before);
    const { sha256 } = content;
    while (this.#underWay.has(sha256)) await this.#underWay.get(sha256);
    // Only its date has changed.
    if (before?.sha256 === sha256 && isDone(before)) return this.#settle(before, found, false);
    const work = (async () => {
      const known = await ledger.ofContent(sha256);
      const entry =
        known !== null && isDone(known)
          ? this.#copyOf(known, found, content)
          : await this.#judge(found, content);
      return entry && (await this.#record(entry, before));
    })();
    const settled = work.catch(() => {}).finally(() => this.#underWay.delete(sha256));
    this.#underWay.set(sha256, settled);
    const audited = await work;
    return audited && this.#settle(audited.entry, found, audited.isNew);
  }

  /** The content's hash, or why it cannot be had; null when the file is gone. */
  async #read({ name }: FoundFile): Promise<Fingerprint | { readonly finding: Finding } | null> {
    const { signal } = this.#setup;
    try {
      return await this.#withPath(name, (path) => fingerprint(path, { signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(await this.#isThere(name))) return null;
      const message = `Expected to read ${name.text} but could not (${codeOf(error)}).`;
      const failure = error instanceof TelltaleError ? error : { code: "FILE_UNREADABLE", message };
      return { finding: failureFinding(name.text, failure) };
    }
  }

  /** What a file's first bytes are enough to say, so that no judge is asked; null where they are not. */
  async #refusal({ name }: FoundFile): Promise<Finding | null> {
    const refusal = await this.#withPath(name, quickRefusal);
    return refusal && failureFinding(name.text, refusal);
  }

  /** Does something with a file's path as text; in the sentences of errors the file has its path in the folder. */
  async #withPath<Result>(name: FileName, use: (path: string) => Promise<Result>): Promise<Result> {
    const { root, scratch } = this.#setup;
    const path = await textPath(pathBelow(root, name), scratch);
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

  async #judge(found: FoundFile, content: Fingerprint): Promise<AuditEntry | null> {
    const { judge, signal, out, onFrames } = this.#setup;
    const { text } = found.name;
    const refusal = await this.#refusal(found);
    if (refusal !== null) return { ...this.#entryOf(found, refusal), ...content };
    const startedMs = performance.now();
    const onProgress = (done: number, total: number | null) => onFrames?.(text, done, total);
    const judgement = await judge.judge(this.#taskOf(found, content), { signal, onProgress });
    if (judgement.finding.error?.code === "FILE_MISSING" && !(await this.#isThere(found.name))) return null;
    const files = await writeReportFiles(out, content.sha256, judgement);
    const tookSec = Number(((performance.now() - startedMs) / 1000).toFixed(3));
    return { ...this.#entryOf(found, judgement.finding), ...content, ...files, tookSec };
  }

  #taskOf({ name }: FoundFile, { sha256, bytes }: Fingerprint): JudgeTask {
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

  /** The entry of a file whose content was judged under another path. */
  #copyOf(known: AuditEntry, found: FoundFile, content: Fingerprint): AuditEntry {
    const { text } = found.name;
    // What a text is called decides whether it should have been media.
    const failure = known.error && {
      code: known.error.code,
      message: known.error.message.replaceAll(known.path, text),
    };
    const finding = failure === null ? findingIn(known) : failureFinding(text, failure);
    const duplicateOf = known.path === text ? null : known.path;
    const { report, thumbnail } = known;
    return { ...this.#entryOf(found, finding), ...content, report, thumbnail, duplicateOf };
  }

  #entryOf(found: Found, finding: Finding): AuditEntry {
    const { name } = found;
    const stats = "trouble" in found ? null : found;
    return {
      schema: ENTRY_SCHEMA,
      path: name.text,
      pathBase64: base64Of(name),
      bytes: stats?.bytes ?? null,
      modified: stats && new Date(stats.modifiedMs).toISOString(),
      sha256: null,
      model: this.#setup.model,
      ...finding,
      ...{ duplicateOf: null, movedTo: null, report: null, thumbnail: null },
      at: new Date().toISOString(),
      tookSec: 0,
    };
  }

  #recordTrouble(found: FoundTrouble, before: AuditEntry | null): Promise<Recorded> {
    const { text } = found.name;
    const message =
      found.trouble === "ENOENT" || found.trouble === "ELOOP"
        ? `Expected ${text} to lead to a file but it is a link to nowhere (${found.trouble}): mend or delete it.`
        : `Expected to read ${text || "the folder"} but could not (${found.trouble}): give this user access.`;
    const code = found.trouble === "ENOENT" ? "FILE_MISSING" : "FILE_UNREADABLE";
    const finding: Finding = { ...failureFinding(text, { code, message }), outcome: "error" };
    return this.#record(this.#entryOf(found, finding), before);
  }

  /** Adds a line unless the file has that one already. */
  async #record(entry: AuditEntry, before: AuditEntry | null): Promise<Recorded> {
    if (before?.error && before.error.code === entry.error?.code && before.sha256 === entry.sha256) {
      return { entry: before, isNew: false };
    }
    await this.#setup.ledger.append(entry);
    return { entry, isNew: true };
  }

  /** Moves a forged file if that is asked for. */
  async #settle(entry: AuditEntry, { name }: FoundFile, isNew: boolean): Promise<Recorded> {
    const { options, root, ledger } = this.#setup;
    if (options.moveForged === undefined || entry.outcome !== "forged") return { entry, isNew };
    let announced = entry;
    const announce = (movedTo: string) => {
      announced = { ...entry, movedTo, at: new Date().toISOString() };
      return ledger.append(announced);
    };
    try {
      const isMoved = await moveForged({
        ...{ root, name, sha256: entry.sha256!, target: options.moveForged, announce },
      });
      return isMoved ? { entry: announced, isNew: true } : { entry, isNew };
    } catch (error) {
      // The next round looks again.
      const isArriving = error instanceof StillArriving && options.watch;
      if (isArriving && announced === entry) return { entry, isNew };
      const warning = `It could not be moved to ${options.moveForged} (${codeOf(error)}).`;
      if (announced === entry && entry.warnings.includes(warning)) return { entry, isNew };
      const warnings = isArriving ? entry.warnings : [...new Set([...entry.warnings, warning])];
      const kept = { ...entry, movedTo: null, warnings };
      await ledger.append(kept);
      return { entry: kept, isNew: true };
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
  return error === null || meaningOf(error.code).isPassing !== true;
}

function isUntouched(entry: AuditEntry, { bytes, modifiedMs }: FoundFile): boolean {
  return entry.bytes === bytes && entry.modified === new Date(modifiedMs).toISOString();
}

function findingIn(entry: AuditEntry): Finding {
  const { outcome, reason, authenticity, kind, durationSec, width, height, faces, error, warnings } = entry;
  const { origin = null } = entry;
  return { outcome, reason, authenticity, kind, durationSec, width, height, faces, error, warnings, origin };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
