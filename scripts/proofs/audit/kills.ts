import { setTimeout as sleep } from "node:timers/promises";
import { differences, draws, judgedTwice, missingReports, readLedger, runAudit, start } from "./audits.ts";

export interface KillProof {
  readonly cli: string;
  readonly folder: string;
  /** Ledger of an undisturbed audit. */
  readonly baseline: string;
  /** Folder of the audit that is killed. */
  readonly out: string;
  readonly flags: readonly string[];
  readonly kills: number;
  /** Each kill happens at a random time up to this long after the start. */
  readonly maxMs: number;
  readonly seed: number;
  readonly say: (sentence: string) => void;
}

/**
 * Kills an audit (SIGKILL) repeatedly at random times, lets it finish, and compares its ledger with that of an undisturbed audit.
 *
 * @returns errors, one sentence each
 */
export async function proveKills(proof: KillProof): Promise<string[]> {
  const { cli, folder, out, flags, say } = proof;
  const wrong: string[] = [];
  const next = draws(proof.seed);
  let before = 0;
  for (let i = 1; i <= proof.kills; i++) {
    const ms = Math.round(next() * proof.maxMs);
    const { child, ended, stderr } = start(cli, ["audit", folder, "--out", out, ...flags, "--quiet"]);
    await Promise.race([sleep(ms), ended]);
    const isKilled = child.exitCode === null;
    child.kill("SIGKILL");
    const code = await ended;
    if (!isKilled && ![0, 1, 10, 11].includes(code ?? -1))
      wrong.push(`run ${i} ended with ${code}: ${stderr()}`);
    const lines = (await readLedger(out, true)).length;
    if (lines < before) wrong.push(`kill ${i}: the ledger shrank from ${before} to ${lines} lines`);
    say(`${isKilled ? "kill" : "end"} ${i} after ${ms} ms: ${lines} lines`);
    before = lines;
  }
  await runAudit(cli, [folder, "--out", out, ...flags]);
  const [expected, found] = [await readLedger(proof.baseline), await readLedger(out)];
  wrong.push(...differences(expected, found));
  wrong.push(...judgedTwice(found).map((sha256) => `judged twice: ${sha256}`));
  wrong.push(...missingReports(out, found).map((path) => `not there: ${path}`));
  say(
    `${found.length} lines after ${proof.kills} kills, ${expected.length} in the audit that was left alone`,
  );
  return wrong;
}
