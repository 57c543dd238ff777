// Cost of reading provenance in an audit: CPU time and wall time of audits with and without it, in alternating pairs.
//   npx tsx scripts/bench/provenance.ts --data FOLDER [--count 200] [--rounds 3] [--with metadata|manifest]
//     [-- flags of the audit]
// --with gives each picture EXIF and XMP, or a signed manifest; otherwise they are as they are.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { xmpOf } from "../fixtures/provenance.ts";
import { loadSigner, signFile } from "../fixtures/sign-c2pa.ts";

const vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype";
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals: flags } = parseArgs({
  options: {
    data: { type: "string" },
    count: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
    with: { type: "string" },
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
    const from = join(values.data!, name);
    if (values.with === undefined) cpSync(from, join(media, `${i}${extname(name)}`));
    else writeFileSync(join(media, `${i}.jpg`), await withOrigin(from, values.with));
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

/** The picture as a JPEG that says it was recorded by a camera. */
async function withOrigin(path: string, kind: string): Promise<Buffer> {
  const jpeg = sharp(path).jpeg({ quality: 95 });
  if (kind === "metadata") {
    const exif = { IFD0: { Make: "Example", Model: "Camera", Software: "Example 1.0" } };
    const xmp = xmpOf(`Iptc4xmpExt:DigitalSourceType="${vocabulary}/digitalCapture"`);
    return jpeg.withExif(exif).withXmp(xmp).toBuffer();
  }
  if (kind !== "manifest") throw new Error(`--with takes metadata or manifest, not ${kind}`);
  const created = { action: "c2pa.created", digitalSourceType: `${vocabulary}/digitalCapture` };
  const claim = { title: "photo.jpg", generator: "Example Camera", actions: [created] };
  const signer = loadSigner(join(root, "fixtures/provenance/signer"));
  return signFile(await jpeg.toBuffer(), "image/jpeg", claim, signer);
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
