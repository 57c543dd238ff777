import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type AuditCall, audit } from "../../src/audit/audit.ts";
import type { AuditOptions } from "../../src/audit/options.ts";
import { defaultModelDir, type ModelManifest } from "../../src/networks/index.ts";
import type { AuditEntry, AuditSummary } from "../../src/types/audit.ts";
import { fixture } from "../cli/run-cli.ts";

/** A folder that is gone when the file's tests have ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-audit-test-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies fixtures into a folder, each under its name there. */
export async function fill(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, source] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await cp(fixture(source), join(folder, name));
  }
}

/** A copy of the shipped model that calls every face forged, or what other thresholds make of it. */
export async function suspiciousModel(
  folder: string,
  lines = { forgedBelow: 0.9998, authenticAbove: 0.9999 },
): Promise<string> {
  const model = join(folder, "model");
  await cp(defaultModelDir, model, { recursive: true });
  const path = join(model, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as ModelManifest;
  const { image, video } = manifest.thresholds;
  const thresholds = { image: { ...image, ...lines }, video: { ...video, ...lines } };
  await writeFile(path, JSON.stringify({ ...manifest, thresholds }));
  return model;
}

/** Few frames on a backend that is everywhere. */
export const quick = { backend: "wasm", frames: 2, jobs: 1 } as const;

/** Runs an audit to its end. */
export async function runToEnd(
  folder: string,
  options: AuditOptions,
  call: AuditCall = {},
): Promise<{ entries: AuditEntry[]; summary: AuditSummary; paths: string[] }> {
  const running = audit(folder, { ...quick, ...options }, call);
  const entries: AuditEntry[] = [];
  for (;;) {
    const next = await running.next();
    if (next.done) return { entries, summary: next.value, paths: entries.map(({ path }) => path).sort() };
    entries.push(next.value);
  }
}
