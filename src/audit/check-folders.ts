import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { isPathWithin, isSamePath } from "../files/check-outputs.ts";

/** Files and folders that an audit writes. */
const NAMES = ["files.csv", "files.jsonl", "summary.json", "summary.html", "reports"];

/** Input and output folders of an audit. */
export interface AuditFolders {
  readonly folder: string;
  readonly out: string;
  readonly moveForged: string | undefined;
}

/**
 * Checks that an audit overwrites no other files. The output folder may lie in the audited folder (it is skipped
 * there) but not be the same folder.
 *
 * @throws TelltaleError `USAGE`; `AUDIT_INVALID` if the output folder holds files that an audit would overwrite
 */
export async function checkFolders({ folder, out, moveForged }: AuditFolders): Promise<void> {
  const reports = join(out, "reports");
  if (await isSamePath(out, folder)) throw usage("--out", "a folder other than the audited one", out);
  if (await isPathWithin(folder, reports))
    throw usage("--out", `a folder that does not contain ${folder}`, out);
  if (moveForged !== undefined) {
    if (await isSamePath(moveForged, folder))
      throw usage("--move-forged", "a folder other than the audited one", moveForged);
    if ((await isSamePath(moveForged, out)) || (await isPathWithin(moveForged, reports))) {
      throw usage("--move-forged", "a folder other than the output folder", moveForged);
    }
  }
  if (await isThere(join(out, "audit.json"))) return;
  for (const name of NAMES) {
    if (!(await isThere(join(out, name)))) continue;
    const sentence = `Expected a new folder or one with an audit for --out, but ${join(out, name)} exists and audit.json does not; set another folder.`;
    throw new TelltaleError("AUDIT_INVALID", sentence);
  }
}

function usage(flag: string, expected: string, received: string): TelltaleError {
  return new TelltaleError("USAGE", `Expected ${expected} for ${flag} but received ${received}.`);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
