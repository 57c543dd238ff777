// Cost of reading provenance in an audit: CPU time and wall time of audits with and without it, in alternating pairs.
//   npx tsx scripts/bench/provenance.ts --data FOLDER [--count 200] [--rounds 3] [-- flags of the audit]
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals: flags } = parseArgs({
  options: {
    data: { type: "string" },
    count: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
    cli: { type: "string", default: join(root, "dist/cli/main.js") },
  },
  allowPositionals: true,
});
if (values.data === undefined) throw new Error("name a folder of pictures with --data");
const work = mkdtempSync(join(tmpdir(), "telltale-bench-"));
try {
  const media = join(work, "media");
  mkdirSync(media);
  const pictures = readdirSync(values.data, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
    .sort();
  const step = Math.max(1, Math.floor(pictures.length / Number(values.count)));
  const chosen = pictures.filter((_, i) => i % step === 0).slice(0, Number(values.count));
  for (const [i, name] of chosen.entries()) {
    cpSync(join(values.data!, name), join(media, `${i}${extname(name)}`));
  }
  const ratios: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    const [without, read] = [audit(media, ["--no-provenance"]), audit(media, [])];
    ratios.push(read.cpuSec / without.cpuSec);
    const show = ({ cpuSec, sec }: Cost) => `${cpuSec.toFixed(1)} s of processor (${sec.toFixed(1)} s)`;
    console.log(
      `pair ${round}: without ${show(without)}, with ${show(read)}: ${ratios.at(-1)!.toFixed(3)} times the processor time`,
    );
  }
  const median = [...ratios].sort((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
  console.log(`median of ${chosen.length} pictures: ${median.toFixed(3)} times the processor time`);
} finally {
  rmSync(work, { recursive: true });
}

interface Cost {
  readonly cpuSec: number;
  readonly sec: number;
}

/** bash measures the CPU time of all descendants. */
function audit(media: string, more: readonly string[]): Cost {
  const out = join(work, "out");
  rmSync(out, { recursive: true, force: true });
  const command = [
    process.execPath,
    values.cli,
    "audit",
    media,
    "--out",
    out,
    "--quiet",
    "--reports",
    "none",
  ];
  const script = `TIMEFORMAT='%R %U %S'; time "$@" || [ $? -ge 10 ]`;
  const args = ["-c", `{ ${script}; } 2>&1`, "bash", ...command, ...more, ...flags];
  const [sec, user, system] = execFileSync("bash", args, { encoding: "utf8" })
    .trim()
    .split("\n")
    .at(-1)!
    .split(" ")
    .map(Number);
  return { sec: sec!, cpuSec: user! + system! };
}
