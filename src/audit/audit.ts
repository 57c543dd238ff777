import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { realpath, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TelltaleError } from "../errors.ts";
import { folderName } from "../files/file-names.ts";
import { makeFolder } from "../files/write-file.ts";
import { defaultModelDir, readManifest } from "../networks/read-manifest.ts";
import { resolveSampling } from "../options/detect-options.ts";
import { parseOptions } from "../options/parse-options.ts";
import { readTrustAnchors } from "../provenance/index.ts";
import type { AuditEntry, AuditSummary } from "../types/audit.ts";
import type { Analyzer } from "./analyzer.ts";
import { type AuditBasis, beginAudit } from "./audit-folder.ts";
import { checkFolders } from "./check-folders.ts";
import { closeAll } from "./close-all.ts";
import { FileAuditor } from "./file-auditor.ts";
import { lockFolder } from "./folder-lock.ts";
import { Ledger } from "./ledger.ts";
import { mapUnordered } from "./map-unordered.ts";
import { type AuditOptions, auditOptionsSchema, type ResolvedAuditOptions } from "./options.ts";
import { ProcessPool } from "./process-pool.ts";
import { type AuditProgress, ProgressCounter } from "./progress.ts";
import { select } from "./selection.ts";
import { summarize } from "./summary.ts";
import { type FoundFile, identityOf, walk } from "./walk.ts";
import { withRedis } from "./with-redis.ts";

export interface AuditCall {
  /** Aborting stops the audit. Recorded results stay; the same call resumes there. */
  readonly signal?: AbortSignal | undefined;
  /** Called about once a second, and at the end. */
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined;
  /** Called after each write of the summary: at the end, and with `watch` after every change. */
  readonly onSummary?: ((summary: AuditSummary) => void) | undefined;
  /** Called with the URL of the queue's page when its server listens. */
  readonly onPage?: ((address: string) => void) | undefined;
}

/** Pause between two walks with `watch`, at least; the pause is also at least ten times the duration of a walk. */
const WATCH_PAUSE_MS = 2000;
/** With `watch`, a file that changed more recently than this waits for the next walk: it may still be written. */
const SETTLED_MS = 2000;
const PROGRESS_MS = 1000;

/**
 * Audits a folder: records every file in a ledger and writes a summary.
 *
 * ```ts
 * for await (const entry of audit("./media", { out: "./audit" })) console.log(entry.path, entry.outcome);
 * ```
 *
 * Yields the new entries in order of completion, not those of earlier runs. Leaving the loop stops the audit. A file
 * that cannot be analyzed gives an entry with an error.
 *
 * @returns the content of `summary.json`
 * @throws TelltaleError `USAGE`, `FILE_MISSING`, `AUDIT_INVALID`, `AUDIT_LOCKED`, `OUTPUT_UNWRITABLE`,
 *   `QUEUE_UNAVAILABLE`, `ABORTED`, and as {@link openDetector}
 */
export async function* audit(
  folder: string,
  options: AuditOptions = {},
  call: AuditCall = {},
): AsyncGenerator<AuditEntry, AuditSummary> {
  const run = await AuditRun.open(folder, parseOptions(auditOptionsSchema, options), call);
  try {
    for (;;) {
      const startedMs = performance.now();
      const changes = yield* run.round();
      if (changes > 0 || run.summary === null) await run.summarize();
      if (!run.isWatching) return run.summary!;
      // A round without changes takes as long as the walk.
      const walkMs = changes > 0 ? 0 : performance.now() - startedMs;
      await run.pause(Math.max(WATCH_PAUSE_MS, 10 * walkMs));
    }
  } catch (error) {
    throw call.signal?.aborted ? aborted(call.signal.reason) : error;
  } finally {
    await run.close();
  }
}

/** State and open resources of one run. */
class AuditRun {
  summary: AuditSummary | null = null;
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #stop = new AbortController();
  readonly #call: AuditCall;
  readonly #options: ResolvedAuditOptions;
  readonly #basis: AuditBasis;
  readonly #trustAnchors: string | null;
  readonly #out: string;
  readonly #counter = new ProgressCounter();
  #ledger!: Ledger;
  #analyzer!: Analyzer;
  #auditor!: FileAuditor;
  #skipped: ReadonlySet<string> = new Set();

  private constructor(
    basis: AuditBasis,
    trustAnchors: string | null,
    options: ResolvedAuditOptions,
    call: AuditCall,
  ) {
    this.#basis = basis;
    this.#trustAnchors = trustAnchors;
    this.#options = options;
    this.#call = call;
    this.#out = resolve(options.out);
    // Every running file adds a listener.
    setMaxListeners(0, this.#stop.signal);
    this.#stopWith(call.signal);
  }

  static async open(folder: string, options: ResolvedAuditOptions, call: AuditCall): Promise<AuditRun> {
    const { name, version, weights } = await readManifest(options.model ?? defaultModelDir);
    const trustAnchors = await readTrustAnchors(options.trustAnchors);
    const basis: AuditBasis = {
      folder: await folderAt(folder),
      model: { name, version, sha256: weights.sha256 },
      ...resolveSampling(options),
      stability: options.stability,
      provenance: options.provenance,
      trustAnchorsSha256: trustAnchors && createHash("sha256").update(trustAnchors).digest("hex"),
    };
    const run = new AuditRun(basis, trustAnchors, options, call);
    try {
      await run.#open();
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { redis, jobs, nice, timeout, model, backend, page, resume } = this.#options;
    const { folder, frames, fps } = this.#basis;
    const moveForged = this.#options.moveForged && resolve(this.#options.moveForged);
    await checkFolders({ folder, out: this.#out, moveForged });
    await makeFolder(this.#out);
    this.#closing.push(await lockFolder(this.#out));
    const auditId = await beginAudit(this.#out, this.#basis, resume);
    this.#ledger = await Ledger.open(this.#out);
    this.#closing.push(() => this.#ledger.close());
    if (moveForged) await makeFolder(moveForged);
    this.#skipped = await identities(moveForged ? [this.#out, moveForged] : [this.#out]);
    const scratch = await this.#openScratch(auditId);
    if (redis === undefined) {
      this.#analyzer = new ProcessPool({ jobs, nice, timeoutSec: timeout, model, backend, scratch });
    } else {
      const { QueueAnalyzer } = await withRedis(() => import("./queue-analyzer.ts"));
      this.#analyzer = await QueueAnalyzer.open(redis);
    }
    this.#closing.push(() => this.#analyzer.close());
    if (redis !== undefined && page !== undefined) {
      const { serveQueuePage } = await withRedis(() => import("./queue-page.ts"));
      const served = await serveQueuePage(redis, page);
      this.#closing.push(() => served.close());
      this.#call.onPage?.(served.address);
    }
    this.#auditor = new FileAuditor({
      ...{ root: folder, out: this.#out, scratch, auditId, model: this.#basis.model.sha256 },
      sampling: { frames, fps },
      trustAnchors: this.#trustAnchors,
      options: moveForged ? { ...this.#options, moveForged } : this.#options,
      ...{ ledger: this.#ledger, analyzer: this.#analyzer, signal: this.#stop.signal },
      onFrames: (path, done, total) => this.#counter.onFrames(path, done, total),
    });
    if (this.#call.onProgress) this.#reportProgress(this.#call.onProgress);
  }

  /** Lies in the audit's folder, where the next run removes the leftovers of a killed one. */
  async #openScratch(auditId: string): Promise<string> {
    const scratch = join(this.#out, `scratch-${auditId}`);
    const clear = () => rm(scratch, { recursive: true, force: true });
    await clear();
    await makeFolder(scratch);
    this.#closing.push(clear);
    return scratch;
  }

  get isWatching(): boolean {
    return this.#options.watch;
  }

  /** Walks the folder once and yields new entries. @returns their number */
  async *round(): AsyncGenerator<AuditEntry, number> {
    let added = 0;
    const entries = mapUnordered(this.#files(), this.#analyzer.maxConcurrent, async (found) => {
      this.#stop.signal.throwIfAborted();
      const audited = await this.#auditor.audit(found);
      this.#counter.onFileEnd(found, audited);
      return audited?.isNew ? audited.entry : null;
    });
    for await (const entry of entries) {
      added++;
      let isConsumed = false;
      try {
        yield entry;
        isConsumed = true;
      } finally {
        // The caller has left its loop, which waits for running files: abort them.
        if (!isConsumed) this.#stop.abort();
      }
    }
    this.#counter.onRoundEnd();
    return added;
  }

  async summarize(): Promise<void> {
    // The URL of Redis may contain a password.
    const { out: _, redis: __, ...options } = this.#options;
    const { paths, model, moveForged, trustAnchors } = options;
    const optionPaths = [model, moveForged, trustAnchors].filter((path) => path !== undefined);
    const absolute = moveForged ? [resolve(moveForged)] : [];
    const hidden = paths ? [] : [this.#basis.folder, ...optionPaths, ...absolute];
    const names = new Map(hidden.map((path) => [path, folderName(path)]));
    this.summary = await summarize(this.#ledger, this.#out, { basis: this.#basis, options, names });
    this.#call.onSummary?.(this.summary);
  }

  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await closeAll(this.#closing.splice(0));
  }

  #files() {
    const settledMs = this.#options.watch ? SETTLED_MS : 0;
    return select(walk(this.#basis.folder, this.#skipped), { ...this.#options, settledMs });
  }

  #stopWith(signal: AbortSignal | undefined): void {
    const abort = () => this.#stop.abort(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.#closing.push(async () => signal?.removeEventListener("abort", abort));
  }

  #reportProgress(onProgress: (progress: AuditProgress) => void): void {
    const recordOf = (file: FoundFile) => this.#auditor.recordOf(file);
    const counting = this.#counter.count(this.#files(), recordOf, this.#stop.signal).catch(() => {});
    const timer = setInterval(() => onProgress(this.#counter.now), PROGRESS_MS);
    this.#closing.push(async () => {
      clearInterval(timer);
      await counting;
      onProgress(this.#counter.now);
    });
  }
}

async function folderAt(folder: string): Promise<string> {
  try {
    const path = await realpath(folder);
    if ((await stat(path)).isDirectory()) return path;
  } catch (cause) {
    throw new TelltaleError("FILE_MISSING", `Expected a folder at ${folder} but it cannot be read.`, {
      cause,
    });
  }
  throw new TelltaleError(
    "USAGE",
    `Expected a folder but ${folder} is a file; use \`telltale detect\` for files.`,
  );
}

async function identities(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const stats = await Promise.all(folders.map((folder) => stat(folder, { bigint: true })));
  return new Set(stats.map(identityOf));
}

function aborted(cause: unknown): TelltaleError {
  return new TelltaleError("ABORTED", "The audit was aborted; run the same command to resume it.", {
    cause,
  });
}
