// npm run bench:audit: speed of an audit on two cores relative to one. Whole processes, restricted to cores by taskset
// (util-linux), in alternating pairs, because the load of a machine varies.
//   npm run bench:audit -- [--data FOLDER] [--rounds N] [--cores 2] [-- flags of the audit]
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals: flags } = parseArgs({
  options: {
    data: { type: "string", default: join(root, "fixtures/media") },
    rounds: { type: "string", default: "3" },
    cores: { type: "string", default: "2" },
    cli: { type: "string", default: join(root, "dist/cli/main.js") },
  },
  allowPositionals: true,
});
const { data, cli } = values;
const cores = Number(values.cores);
if (availableParallelism() < cores)
  throw new Error(`there are ${availableParallelism()} cores here, not ${cores}`);

const ratios: number[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const [one, many] = [await seconds("0"), await seconds(`0-${cores - 1}`)];
  ratios.push(one / many);
  console.log(
    `pair ${round}: one core ${one.toFixed(1)} s, ${cores} cores ${many.toFixed(1)} s, ${(one / many).toFixed(2)} times as fast; load ${loadNow()}`,
  );
}
const sorted = [...ratios].sort((a, b) => a - b);
console.log(
  `median ${sorted[Math.floor(sorted.length / 2)]!.toFixed(2)} times as fast on ${cores} cores as on one`,
);

async function seconds(cpus: string): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), "telltale-bench-"));
  const began = performance.now();
  try {
    execFileSync(
      "taskset",
      ["-c", cpus, process.execPath, cli, "audit", data, "--out", out, "--quiet", ...flags],
      {
        stdio: "ignore",
      },
    );
  } catch (error) {
    // Exit codes of verdicts and of media that cannot be analysed.
    if (![1, 10, 11].includes((error as { status: number }).status)) throw error;
  } finally {
    await rm(out, { recursive: true });
  }
  return (performance.now() - began) / 1000;
}

function loadNow(): string {
  try {
    return readFileSync("/proc/loadavg", "utf8").split(" ")[0]!;
  } catch {
    return "unknown";
  }
}
