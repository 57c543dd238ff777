// Damaged media: every file gets a row, and nothing crashes.
//   npx tsx scripts/proofs/audit-mutants.ts [--count 500] [--seed 1] [--work DIR] [--cli dist/cli/main.js] [-- flags of the audit]
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtCli, canonical, readLedger, runAudit } from "./audit/audits.ts";
import { makeMutants } from "./audit/mutants.ts";

const { values, positionals: flags } = parseArgs({
  options: {
    from: { type: "string", default: "fixtures/media" },
    count: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    work: { type: "string", default: "cache/proofs/mutants" },
    cli: { type: "string", default: builtCli },
  },
  allowPositionals: true,
});
const { work, from, cli } = values;
const [folder, out] = [join(work, "media"), join(work, "out")];
await rm(work, { recursive: true, force: true });
const names = await makeMutants(folder, { from, count: Number(values.count), seed: Number(values.seed) });
const code = await runAudit(cli, [folder, "--out", out, ...flags]);
const entries = await readLedger(out);
const rows = canonical(entries).length;
const tally = new Map<string, number>();
for (const { outcome, error } of entries) {
  const what = error?.code ?? outcome;
  tally.set(what, (tally.get(what) ?? 0) + 1);
}
console.log(`${rows} rows for ${names.length} files, exit code ${code}`);
for (const [what, count] of [...tally].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(5)} ${what}`);
// A file that kills two processes counts as a crash, even if the audit continues.
const crashes = tally.get("WORKER_FAILED") ?? 0;
for (const { path, error } of entries) if (error?.code === "WORKER_FAILED") console.log(`crashed: ${path}`);
process.exitCode = rows === names.length && crashes === 0 ? 0 : 1;
