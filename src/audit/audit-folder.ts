import { randomUUID } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import { safeJson } from "../report/control-characters.ts";
import { tool } from "../report/tool.ts";
import { ENTRY_SCHEMA } from "../types/audit.ts";

/** What the verdicts of an audit depend on. An audit can only be resumed with the same basis. */
export interface AuditBasis {
  readonly folder: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly frames: number | null;
  readonly fps: number | null;
  readonly stability: boolean;
  readonly provenance: boolean;
  /** SHA-256 of the PEM file of trusted certificates; null for none. */
  readonly trustAnchorsSha256: string | null;
}

/** `audit.json`. */
interface AuditFile extends AuditBasis {
  readonly schema: typeof ENTRY_SCHEMA;
  readonly tool: typeof tool;
  readonly id: string;
  readonly begunAt: string;
}

/**
 * Starts an audit in a folder or resumes the one there.
 *
 * @param mustResume fail if there is no audit to resume
 * @returns the audit's id
 * @throws TelltaleError `AUDIT_INVALID` if the folder holds a different audit or none to resume; `OUTPUT_UNWRITABLE`
 */
export async function beginAudit(out: string, basis: AuditBasis, mustResume: boolean): Promise<string> {
  const path = join(out, "audit.json");
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) {
    if (mustResume) throw invalid(`Expected an audit to resume in ${out} but there is none; omit --resume.`);
    if (await stat(join(out, "ledger.jsonl")).catch(() => null)) {
      throw invalid(`Expected ${path} next to the ledger but it is missing; set another folder with --out.`);
    }
    await makeFolder(out);
    const id = randomUUID();
    const begun: AuditFile = { schema: ENTRY_SCHEMA, tool, id, begunAt: new Date().toISOString(), ...basis };
    await writeWhole(path, `${safeJson(begun, 2)}\n`);
    return id;
  }
  const begun = parse(path, text);
  const keys = ["folder", "frames", "fps", "stability", "provenance", "trustAnchorsSha256"] as const;
  const other = keys.find((key) => begun[key] !== basis[key]);
  const [had, has] =
    other === undefined
      ? [begun.model.sha256.slice(0, 12), basis.model.sha256.slice(0, 12)]
      : [shown(other, begun[other]), shown(other, basis[other])];
  if (had !== has) {
    throw invalid(
      `Expected the ${other === undefined ? "model" : names[other]} that the audit in ${out} was started with (${had}) but received ${has}; use the same or set another folder with --out.`,
    );
  }
  return begun.id;
}

const names = {
  ...{ folder: "folder", frames: "--frames", fps: "--fps", stability: "--stability" },
  ...{ provenance: "reading of provenance", trustAnchorsSha256: "--trust-anchors" },
} as const;

/** A part of the basis as the command line says it. */
function shown(key: keyof typeof names, value: string | number | boolean | null): string {
  if (key === "provenance") return value ? "without --no-provenance" : "--no-provenance";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (key === "trustAnchorsSha256" && value !== null) return `SHA-256 ${String(value).slice(0, 12)}`;
  return String(value ?? "none");
}

function parse(path: string, text: string): AuditFile {
  try {
    // Audits that were begun before provenance was read have no such fields.
    const before = { provenance: false, trustAnchorsSha256: null };
    const file = { ...before, ...(JSON.parse(text) as AuditFile) };
    if (file.schema === ENTRY_SCHEMA && typeof file.id === "string" && file.model.sha256) return file;
  } catch {
    // Falls through to the error below.
  }
  throw invalid(
    `Expected an audit of schema ${ENTRY_SCHEMA} in ${path} but cannot read it; set another folder with --out.`,
  );
}

function invalid(sentence: string): TelltaleError {
  return new TelltaleError("AUDIT_INVALID", sentence);
}
