/**
 * Compares the speed of the image loader with the training speed of each architecture.
 *
 *   tsx scripts/bench/gan-loader.ts [--resolution 64] [--width N] [--batch 32] [--steps 4] [--backend auto]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom, useBackend } from "../../src/engine/index.ts";
import { ganArchitectures } from "../../src/networks/index.ts";
import { resolveGanOptions, trainGanOptionsSchema } from "../../src/training/gan/gan-options.ts";
import { GanState } from "../../src/training/gan/gan-state.ts";
import { GanTrainer } from "../../src/training/gan/gan-trainer.ts";
import { ImageDataset } from "../../src/training/gan/image-dataset.ts";
import { ImageLoader } from "../../src/training/gan/image-loader.ts";
import { countGanOperations } from "../../src/training/gan/plan.ts";

const { values } = parseArgs({
  options: {
    resolution: { type: "string", default: "64" },
    width: { type: "string" },
    batch: { type: "string", default: "32" },
    steps: { type: "string", default: "4" },
    backend: { type: "string", default: "auto" },
  },
});
const [resolution, batch, steps] = [values.resolution, values.batch, values.steps].map(Number) as [
  number,
  number,
  number,
];
/** Default: the width of the preset. */
const width = values.width === undefined ? {} : { width: Number(values.width) };

const backend = await useBackend(values.backend as "auto");
console.log(
  `${backend.name} (${backend.detail}); ${resolution} px, width ${values.width ?? "by architecture"}, batch ${batch}`,
);
const folder = await mkdtemp(join(tmpdir(), "telltale-bench-"));
try {
  const loaded = await timeLoader();
  console.log(`loader alone, one thread: ${loaded.toFixed(0)} images/s`);
  console.log("architecture            images/s  kimg/hour  CPU s/kimg  GFLOP/s  loader / consumed");
  const kinds = [...ganArchitectures.map((arch) => ({ arch, discriminator: "own" }) as const)];
  for (const kind of [...kinds, { arch: "style", discriminator: "trunk" } as const]) {
    const { imagesPerSec, gflopPerSec, cpuSec } = await timeSteps(kind);
    const name = kind.discriminator === "own" ? kind.arch : `${kind.arch}, projected`;
    console.log(
      `${name.padEnd(22)}  ${imagesPerSec.toFixed(1).padStart(8)}  ${(imagesPerSec * 3.6).toFixed(0).padStart(9)}  ${cpuSec.toFixed(1).padStart(10)}  ${gflopPerSec.toFixed(0).padStart(7)}  ${(loaded / imagesPerSec).toFixed(0)}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
process.exit();

async function timeLoader(): Promise<number> {
  const count = 1024;
  const pixels = new Uint8Array(count * resolution * resolution * 3).map((_, i) => (i * 7919) >> 3);
  await writeFile(join(folder, "pictures.bin"), pixels);
  const row = JSON.stringify({ source: "bench", group: "bench", attributes: "" });
  await writeFile(join(folder, "pictures.jsonl"), `${row}\n`.repeat(count));
  const store = (await ImageDataset.open(folder, resolution))!;
  const chosen = Array.from({ length: count }, (_, i) => i);
  const loader = await ImageLoader.start({ store, chosen, seed: 1, batch, isMirrored: true, threads: 1 });
  for (let step = 0; step < 4; step++) await loader.take(step);
  const began = performance.now();
  const rounds = 64;
  for (let step = 4; step < 4 + rounds; step++) await loader.take(step);
  const sec = (performance.now() - began) / 1000;
  await loader.close();
  await store.close();
  return (rounds * batch) / sec;
}

async function timeSteps(kind: { arch: (typeof ganArchitectures)[number]; discriminator: "own" | "trunk" }) {
  const given = { data: "-", out: "-", resolution, ...width, batch, growKimg: 1e-6, ...kind };
  const options = resolveGanOptions(trainGanOptionsSchema.parse(given));
  const network = {
    architecture: kind.arch,
    resolution,
    width: options.width,
    maxChannels: options.maxChannels,
    latent: options.latent,
    classes: 0,
  };
  const state = await GanState.start(network, options, null);
  const operations = await countGanOperations(state, options);
  const trainer = new GanTrainer(state, options, []);
  const random = seededRandom(1);
  const make = () => ({
    pixels: Float32Array.from({ length: batch * resolution * resolution * 3 }, () => random.between(-1, 1)),
    indices: new Array<number>(batch).fill(0),
  });
  // The first step is slower: it has the R1 penalty and allocates memory.
  const batches = Array.from({ length: steps + 1 }, make);
  trainer.step(batches[0]!);
  const began = performance.now();
  const before = process.cpuUsage();
  for (const one of batches.slice(1)) trainer.step(one);
  const sec = (performance.now() - began) / 1000;
  // CPU time of all threads, which is meaningful on a busy machine too.
  const { user, system } = process.cpuUsage(before);
  const cpuSec = (user + system) / 1e6 / ((steps * batch) / 1000);
  state.dispose();
  const imagesPerSec = (steps * batch) / sec;
  return { imagesPerSec, gflopPerSec: (imagesPerSec * operations.training) / 1e9, cpuSec };
}
