// Damaged copies of signed files: nothing crashes or hangs, and no invalid signature decides a verdict.
//   npx tsx scripts/proofs/provenance-mutants.ts [--from fixtures/provenance] [--count 1000] [--seed 1] [--work DIR]
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { withProvenance } from "../../src/detection/verdict.ts";
import { combine, type Provenance } from "../../src/provenance/provenance.ts";
import { ProvenanceReader } from "../../src/provenance/reader.ts";
import type { Reason, Verdict } from "../../src/types/detection.ts";
import { makeMutants } from "./audit/mutants.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "fixtures/provenance" },
    work: { type: "string", default: "cache/proofs/provenance" },
  },
});
interface Judged {
  readonly verdict: Verdict;
  readonly reason: Reason | null;
}

const MAX_SEC = 5;
const { from, count, seed } = values;
const [signed, folder] = [join(values.work, "signed"), join(values.work, "mutants")];
await rm(values.work, { recursive: true, force: true });
await mkdir(signed, { recursive: true });

const reader = new ProvenanceReader(null);
const whole = new Map<string, Provenance>();
for (const entry of await readdir(from, { withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(from, entry.name);
  const provenance = await read(path);
  if (!provenance.signed) continue;
  whole.set(entry.name, provenance);
  await copyFile(path, join(signed, entry.name));
}
const names = await makeMutants(folder, { from: signed, count: Number(count), seed: Number(seed) });
const tally = new Map<string, number>();
const wrong: string[] = [];
const slowest = { name: "", sec: 0 };
try {
  for (const name of names) {
    const began = performance.now();
    const provenance = await read(join(folder, name)).catch((error) => {
      wrong.push(`${name}: ${error}`);
      return null;
    });
    const sec = (performance.now() - began) / 1000;
    if (sec > slowest.sec) Object.assign(slowest, { name, sec });
    if (sec > MAX_SEC) wrong.push(`${name}: ${sec.toFixed(1)} s`);
    if (provenance === null) continue;
    const original = name.slice(5).replace(/-[a-z]+(\.\w+)$/, "$1");
    const { verdict } = withProvenance<Judged>({ verdict: "authentic", reason: null }, provenance);
    const state = provenance.credentials?.state ?? "no manifest";
    tally.set(`${state}, ${verdict}`, (tally.get(`${state}, ${verdict}`) ?? 0) + 1);
    const isSigned = provenance.signed || provenance.evidence.some((one) => one.signed);
    if (isSigned && !(await isUnchanged(name, original, provenance, whole.get(original)!))) {
      wrong.push(`${name}: called signed, and is not what was signed`);
    }
    if (verdict === "forged" && !provenance.signed) wrong.push(`${name}: forged without a signature`);
  }
} finally {
  await reader.close();
}
console.log(
  `${names.length} copies of ${whole.size} files, seed ${seed}; slowest ${slowest.sec.toFixed(2)} s (${slowest.name})`,
);
for (const [what, files] of [...tally].sort(([, a], [, b]) => b - a))
  console.log(`${String(files).padStart(5)} ${what}`);
for (const sentence of wrong) console.log(`wrong: ${sentence}`);
process.exitCode = wrong.length === 0 ? 0 : 1;

async function read(path: string): Promise<Provenance> {
  const bytes = await readFile(path);
  return combine(await reader.read(path, bytes.length));
}

/** Whether a copy that counts as signed has the same claims and picture as the original; only the padding may differ. */
async function isUnchanged(
  name: string,
  original: string,
  now: Provenance,
  before: Provenance,
): Promise<boolean> {
  const statements = ({ evidence }: Provenance) => JSON.stringify(evidence.filter((one) => one.signed));
  if (statements(now) !== statements(before)) return false;
  const content = async (path: string) => {
    const bytes = await readFile(path);
    if (!path.endsWith(".mp4")) return sharp(bytes).raw().toBuffer();
    // The boxes after the manifest; C2PA does not sign the preceding ftyp.
    const at = bytes.indexOf(Buffer.from("d8fec3d61b0e483c92975828877ec481", "hex")) - 8;
    return bytes.subarray(at + bytes.readUInt32BE(at));
  };
  return (await content(join(folder, name))).equals(await content(join(signed, original)));
}
