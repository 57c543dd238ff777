import { createHash } from "node:crypto";
import type { AuditEntry } from "../../src/types/audit.ts";

/** An entry of a forged picture, with anything replaced; its hash is that of `content`. */
export function sampleEntry(path: string, changes: Partial<AuditEntry> = {}, content = path): AuditEntry {
  return {
    schema: 1,
    path,
    pathBase64: null,
    bytes: 1234,
    modified: "2026-03-01T12:00:00.000Z",
    sha256: createHash("sha256").update(content).digest("hex"),
    model: "ab".repeat(32),
    outcome: "forged",
    reason: null,
    authenticity: 0.0321,
    kind: "image",
    durationSec: null,
    width: 640,
    height: 480,
    faces: 1,
    error: null,
    warnings: [],
    duplicateOf: null,
    movedTo: null,
    report: null,
    thumbnail: null,
    at: "2026-03-02T12:00:00.000Z",
    tookSec: 0.2,
    ...changes,
  };
}
