// An audit that is killed (-9) repeatedly ends with the same ledger as an undisturbed audit.
//   npx tsx scripts/proofs/audit-kills.ts --data FOLDER [--data FOLDER...] --work DIR
//     [--images 2000] [--kills 20] [--seed 1] [--cli dist/cli/main.js] [-- flags of the audit]
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtCli, readLedger, runAudit } from "./audit/audits.ts";
import { linkCorpus } from "./audit/corpus.ts";
import { proveKills } from "./audit/kills.ts";

const { values, positionals: flags } = parseArgs({
  options: {
    data: { type: "string", multiple: true, default: ["fixtures/media"] },
    work: { type: "string", default: "cache/proofs/audit" },
    images: { type: "string", default: "2000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    cli: { type: "string", default: builtCli },
  },
  allowPositionals: true,
});
const { cli, work } = values;
const seed = Number(values.seed);
const folder = join(work, "media");
const [baseline, out] = [join(work, "alone"), join(work, "killed")];
const say = (sentence: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${sentence}`);

const count = await linkCorpus(folder, { data: values.data, images: Number(values.images), seed });
say(`${count} files, seed ${seed}`);
// The undisturbed audit is kept for further proofs.
if (!existsSync(join(baseline, "summary.json"))) {
  await rm(baseline, { recursive: true, force: true });
  const began = performance.now();
  await runAudit(cli, [folder, "--out", baseline, ...flags]);
  say(`left alone it takes ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
const took = await readLedger(baseline);
const ledgerMs = Date.parse(took.at(-1)!.at) - Date.parse(took[0]!.at);
await rm(out, { recursive: true, force: true });
const kills = Number(values.kills);
// Spreads the kills over the whole audit.
const maxMs = (2 * ledgerMs) / kills;
const wrong = await proveKills({ cli, folder, baseline, out, flags, kills, maxMs, seed, say });
for (const sentence of wrong.slice(0, 20)) say(`WRONG: ${sentence}`);
say(wrong.length === 0 ? "the ledgers are the same" : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
