import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { isPlaceWithin, isSamePlace } from "../files/check-outputs.ts";

/** What an audit writes into its folder. */
const NAMES = ["files.csv", "files.jsonl", "summary.json", "summary.html", "reports"];

/** Where an audit reads and writes. */
export interface AuditPlaces {
  readonly folder: string;
  readonly out: string;
  readonly moveForged: string | undefined;
}

/**
 * Makes sure that an audit replaces nothing: the audited folder may hold the folder of results, which is not walked, but
 * may not be it.
 *
 * @throws TelltaleError `USAGE`; `AUDIT_INVALID` where a folder holds other files of these names
 */
export async function checkPlaces({ folder, out, moveForged }: AuditPlaces): Promise<void> {
  const reports = join(out, "reports");
  if (await isSamePlace(out, folder)) throw usage("--out", "a folder other than the audited one", out);
  if (await isPlaceWithin(folder, reports))
    throw usage("--out", `a folder that ${folder} is no part of`, out);
  if (moveForged !== undefined) {
    const isRead = await isSamePlace(moveForged, folder);
    if (isRead) throw usage("--move-forged", "a folder other than the audited one", moveForged);
    if ((await isSamePlace(moveForged, out)) || (await isPlaceWithin(moveForged, reports))) {
      throw usage("--move-forged", "a folder other than that of the results", moveForged);
    }
  }
  if (await isThere(join(out, "audit.json"))) return;
  for (const name of NAMES) {
    if (!(await isThere(join(out, name)))) continue;
    const sentence = `Expected a new folder or one with an audit for --out, but ${join(out, name)} is there and audit.json is not; name another folder.`;
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
