/**
 * Tests that an interrupted GAN training gives the same result as an uninterrupted one: stops `telltale train gan` repeatedly with
 * SIGTERM or SIGKILL, resumes it, and compares the last checkpoints byte by byte.
 *
 *   npm run build && tsx scripts/proofs/gan-resume.ts [--backend tensorflow] [--arch style] [--cuts 4] [--seed 1]
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { seededRandom } from "../../src/engine/random.ts";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "tensorflow" },
    arch: { type: "string", default: "style" },
    cuts: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});
const main = resolve(import.meta.dirname, "../../dist/cli/main.js");
const random = seededRandom(Number(values.seed));
const folder = await mkdtemp(join(tmpdir(), "telltale-proof-"));

interface Checkpoint {
  readonly step: number;
  readonly file: string;
}
const checkpointOf = async (run: string): Promise<Checkpoint | null> =>
  readFile(join(run, "checkpoint.json"), "utf8").then(
    (text) => JSON.parse(text) as Checkpoint,
    () => null,
  );

/** Starts or resumes a run; with `cut`, sends the signal that long after its first step. */
async function train(run: string, cut: { signal: "SIGTERM" | "SIGKILL"; afterMs: number } | null) {
  const resumed = (await checkpointOf(run)) !== null;
  if (!resumed) await rm(run, { recursive: true, force: true });
  const args = [
    ...["train", "gan", "--data", join(folder, "photos"), "--out", run, "--cache", join(folder, "cache")],
    ...["--backend", values.backend!, "--arch", values.arch!, "--crop", "whole", "--resolution", "32"],
    ...["--width", "8", "--max-channels", "32", "--latent", "16", "--batch", "8", "--kimg", "2.4"],
    ...["--save-kimg", "0.16", "--eval-samples", "8", "--eval-kimg", "0", ...(resumed ? ["--resume"] : [])],
  ];
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const started = new Promise<void>((done) => {
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("training in")) done();
    });
    child.once("close", () => done());
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  await started;
  if (cut !== null) {
    await sleep(cut.afterMs);
    child.kill(cut.signal);
  }
  const code = await ended;
  if (cut === null && code !== 0) throw new Error(said);
}

try {
  await mkdir(join(folder, "photos"));
  for (let i = 0; i < 40; i++) {
    const pixels = Uint8Array.from({ length: 40 * 40 * 3 }, () => random.integer(256));
    const raw = { width: 40, height: 40, channels: 3 as const };
    await sharp(pixels, { raw })
      .png()
      .toFile(join(folder, "photos", `${i}.png`));
  }
  const [whole, often] = [join(folder, "whole"), join(folder, "often")];
  await train(whole, null);
  for (let i = 0; i < Number(values.cuts); i++) {
    const cut = { signal: i % 2 === 0 ? "SIGTERM" : "SIGKILL", afterMs: random.between(50, 4000) } as const;
    await train(often, cut);
    const saved = await checkpointOf(often);
    console.log(
      `${cut.signal} after ${cut.afterMs.toFixed(0)} ms: checkpoint at step ${saved?.step ?? "none"}`,
    );
  }
  await train(often, null);
  const [a, b] = await Promise.all(
    [whole, often].map(async (run) => {
      const { step, file } = (await checkpointOf(run))!;
      return { step, bytes: await readFile(join(run, file)) };
    }),
  );
  const isSame = a!.step === b!.step && a!.bytes.equals(b!.bytes);
  console.log(
    `${values.arch} on ${values.backend}: step ${a!.step} and ${b!.step}, ${isSame ? "the same to the last bit" : "DIFFERENT"}`,
  );
  process.exitCode = isSame ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
