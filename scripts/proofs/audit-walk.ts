// Memory of the walk, the ledger and the summary for 100,000 tiny files, all processes together.
//   npx tsx scripts/proofs/audit-walk.ts [--count 100000] [--work DIR] [--cli dist/cli/main.js] [-- flags of the audit]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtCli, start } from "./audit/audits.ts";

const { values, positionals: flags } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    work: { type: "string", default: "cache/proofs/walk" },
    cli: { type: "string", default: builtCli },
  },
  allowPositionals: true,
});
const { work, cli } = values;
const count = Number(values.count);
const [folder, out] = [join(work, `files-${count}`), join(work, "out")];
/** Files per folder. */
const PER_FOLDER = 1000;

if (!existsSync(join(folder, "done"))) {
  for (let i = 0; i < count; i++) {
    const path = join(folder, String(Math.floor(i / PER_FOLDER)));
    if (i % PER_FOLDER === 0) await mkdir(path, { recursive: true });
    await writeFile(join(path, `${i}.txt`), `file ${i}\n`);
  }
  await writeFile(join(folder, "done"), "");
}
await rm(out, { recursive: true, force: true });
for (const run of ["first run", "resumed"]) {
  const began = performance.now();
  const { child, ended, stderr } = start(cli, ["audit", folder, "--out", out, "--quiet", ...flags]);
  let peakKib = 0;
  let peakMainKib = 0;
  const timer = setInterval(() => {
    const all = family(child.pid!).map(memoryKib);
    peakMainKib = Math.max(peakMainKib, all[0] ?? 0);
    peakKib = Math.max(
      peakKib,
      all.reduce((sum, kib) => sum + kib, 0),
    );
  }, 100);
  const code = await ended;
  clearInterval(timer);
  const sec = ((performance.now() - began) / 1000).toFixed(0);
  const { files } = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
  const [all, main] = [peakKib, peakMainKib].map((kib) => Math.round(kib / 1024));
  console.log(
    `${run}: ${files} files in ${sec} s, exit code ${code}; peak ${all} MiB for all processes, ${main} MiB for the main one`,
  );
  if (code !== 0 || files !== count + 1) console.log(stderr());
  if (all! > 300 || files !== count + 1) process.exitCode = 1;
}

/** A process and its descendants. */
function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended.
    }
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}

/** Memory of a process, with shared memory counted proportionally (Pss of proc(5)). */
function memoryKib(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
