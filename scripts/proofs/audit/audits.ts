import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AuditEntry } from "../../../src/types/audit.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The built command. */
export const builtCli = join(root, "dist/cli/main.js");

/** A started `telltale`. */
export interface Started {
  readonly child: ChildProcess;
  /** stderr so far. */
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts the command in a separate process. */
export function start(cli: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr!.on("data", (chunk) => {
    text = (text + chunk).slice(-20_000);
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, stderr: () => text, ended };
}

/** Runs an audit to its end. @throws Error for an unexpected exit code */
export async function runAudit(cli: string, args: readonly string[]): Promise<number> {
  const { ended, stderr } = start(cli, ["audit", ...args, "--quiet"]);
  const code = await ended;
  if (code === null || ![0, 1, 10, 11].includes(code) || /expect|unexpected/.test(stderr())) {
    throw new Error(`the audit ended with ${code}: ${stderr()}`);
  }
  return code;
}

/** Lines of a ledger. @param isTornAllowed whether the last line may be incomplete, as after a kill */
export async function readLedger(out: string, isTornAllowed = false): Promise<AuditEntry[]> {
  const path = join(out, "ledger.jsonl");
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n");
  const last = lines.pop();
  if (last !== "" && !isTornAllowed) throw new Error(`${path} ends in a torn line: ${last?.slice(0, 80)}`);
  return lines.map((line) => JSON.parse(line) as AuditEntry);
}

/**
 * Normalises a ledger for comparison: one line per file, sorted by path, without times and without the choice of the analysed
 * file among duplicates.
 *
 * @throws Error if a path occurs twice
 */
export function canonical(entries: readonly AuditEntry[]): string[] {
  const paths = new Set(entries.map(({ path, pathBase64 }) => pathBase64 ?? path));
  if (paths.size !== entries.length) throw new Error(`${entries.length} lines for ${paths.size} files`);
  return entries.map(({ at: _, tookSec: __, duplicateOf: ___, ...same }) => JSON.stringify(same)).sort();
}

/** Differences of two ledgers, one sentence each. */
export function differences(a: readonly AuditEntry[], b: readonly AuditEntry[]): string[] {
  const [left, right] = [canonical(a), canonical(b)];
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return [
    ...left.filter((line) => !inRight.has(line)).map((line) => `only in the first: ${line}`),
    ...right.filter((line) => !inLeft.has(line)).map((line) => `only in the second: ${line}`),
  ];
}

/** Contents that were analysed more than once; expected to be empty. */
export function judgedTwice(entries: readonly AuditEntry[]): string[] {
  const judged = new Map<string, number>();
  for (const { sha256, duplicateOf } of entries) {
    if (sha256 !== null && duplicateOf === null) judged.set(sha256, (judged.get(sha256) ?? 0) + 1);
  }
  return [...judged].filter(([, times]) => times > 1).map(([sha256]) => sha256);
}

/** Missing report pages and pictures of entries. */
export function missingReports(out: string, entries: readonly AuditEntry[]): string[] {
  return entries
    .flatMap(({ report, thumbnail }) => [report, thumbnail])
    .filter((path) => path !== null && !existsSync(join(out, path))) as string[];
}

/** Seeded random numbers in [0, 1), mulberry32 (public domain, Tommy Ettinger). */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}
