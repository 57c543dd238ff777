import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, startCli } from "./run-cli.ts";

let folder: string;
let photos: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-train-gan-"));
  photos = join(folder, "photos");
  await mkdir(photos);
  for (let i = 0; i < 12; i++) {
    const background = { r: (i * 53) % 256, g: (i * 97) % 256, b: (i * 31) % 256 };
    await sharp({ create: { width: 24, height: 20, channels: 3, background } })
      .png()
      .toFile(join(photos, `${i}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const flags = (out: string) => [
  ...["train", "gan", "--data", photos, "--out", out, "--cache", join(folder, "cache")],
  ...["--backend", "wasm", "--crop", "whole", "--resolution", "16", "--width", "2", "--max-channels", "4"],
  ...["--latent", "8", "--batch", "4", "--save-kimg", "0.04", "--sample-kimg", "10", "--eval-samples", "8"],
];

/** Weights and moments of the last checkpoint, and its step. */
async function checkpoint(out: string): Promise<{ step: number; bytes: Buffer }> {
  const { step, file } = JSON.parse(await readFile(join(out, "checkpoint.json"), "utf8"));
  return { step, bytes: await readFile(join(out, file)) };
}

/** Hashes of a run's two networks, and the generator's manifest. */
async function networksOf(out: string) {
  const read = async (kind: string) =>
    JSON.parse(await readFile(join(out, "networks", `${kind}.json`), "utf8"));
  const [generator, discriminator] = [await read("generator"), await read("discriminator")];
  return {
    manifest: generator,
    generator: generator.weights.sha256,
    discriminator: discriminator.weights.sha256,
  };
}

describe("train gan", () => {
  test("leaves options, statistics, grids, curves, a report, a checkpoint and both networks", async () => {
    const out = join(folder, "whole");
    const { code, stdout, stderr } = await runCli([...flags(out), "--kimg", "0.24"]);
    expect(stderr).toContain("measured at 0.24 kimg: n 8, fd-face ");
    expect(stdout).toBe(`${out}\n`);
    expect(code).toBe(0);
    const files = await readdir(out);
    expect(files).toEqual(expect.arrayContaining(["checkpoint.json", "networks", "options.json"]));
    expect(files).toEqual(expect.arrayContaining(["reals.png", "report.html"]));
    expect(files).toEqual(expect.arrayContaining(["losses.svg", "stats.jsonl"]));
    const sheets = files.filter((file) => file.startsWith("samples-")).sort();
    expect(sheets).toEqual(["samples-000000.240.png", "samples-000000.png"]);
    expect((await checkpoint(out)).step).toBe(60);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGKILL", null],
  ] as const)(
    "%s at some step and --resume end where the run that was not cut ends",
    async (signal, code) => {
      const out = join(folder, signal);
      const child = startCli([...flags(out), "--kimg", "0.24"]);
      let stderr = "";
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
      });
      const ended = new Promise<number | null>((done) => child.once("close", done));
      while (!(await readdir(out).catch(() => [] as string[])).includes("checkpoint.json")) await sleep(20);
      child.kill(signal);
      expect(await ended).toBe(code);
      const saved = await checkpoint(out);
      expect(saved.step).toBeGreaterThanOrEqual(10);
      expect(saved.step).toBeLessThan(60);
      if (signal === "SIGTERM") {
        expect(stderr).toContain(`The same command with --out ${out} --resume goes on.`);
      }
      const { stderr: said } = await runCli([...flags(out), "--kimg", "0.24", "--resume"]);
      expect(said).toContain(`training in ${out} from step ${saved.step} on wasm`);
      const [cut, whole] = [await checkpoint(out), await checkpoint(join(folder, "whole"))];
      expect(cut.step).toBe(60);
      expect(cut.bytes.equals(whole.bytes)).toBe(true);
    },
  );

  test("a run is not begun twice, nor resumed with other options", async () => {
    const out = join(folder, "whole");
    const again = await runCli([...flags(out), "--kimg", "0.24"]);
    expect(again.stderr).toBe(
      `telltale: ${out} already holds a run. Add --resume to continue it, or name another folder.\n`,
    );
    const retuned = ["--resume", "--retune", "--r1", "0.5", "--seed", "2"];
    const other = await runCli([...flags(out), "--kimg", "0.24", ...retuned]);
    expect(other.stderr).toContain("Expected the options of the run in");
    expect([again.code, other.code]).toEqual([1, 1]);
  });

  test("--retune goes on with other rates and penalties, and says from where", async () => {
    const out = join(folder, "whole");
    const retuned = ["--resume", "--retune", "--r1", "0.5", "--augment", "translation"];
    const { code, stderr } = await runCli([...flags(out), "--kimg", "0.26", ...retuned]);
    expect([code, stderr.includes("from step 60")]).toEqual([0, true]);
    expect((await checkpoint(out)).step).toBe(65);
    const rows = (await readFile(join(out, "stats.jsonl"), "utf8")).trim().split("\n");
    const { changes, step } = rows.map((row) => JSON.parse(row)).find(({ kind }) => kind === "retuned");
    expect([step, changes.r1[1], changes.augment]).toEqual([
      60,
      0.5,
      ["colour,translation,cutout", "translation"],
    ]);
    const options = JSON.parse(await readFile(join(out, "options.json"), "utf8"));
    expect([options.r1, options.augment]).toEqual([0.5, "translation"]);
  });

  test("--from goes on with the networks of another run, and with their kimg", async () => {
    const out = join(folder, "further");
    const from = ["--from", join(folder, "whole")];
    const { code, stderr } = await runCli([...flags(out), ...from, "--kimg", "0.28"]);
    expect([code, stderr.includes("from step 65")]).toEqual([0, true]);
    expect((await checkpoint(out)).step).toBe(70);
    const { manifest, ...files } = await networksOf(join(folder, "whole"));
    const options = JSON.parse(await readFile(join(out, "options.json"), "utf8"));
    expect(options.from).toEqual({ kimg: 0.26, sha256: files });
    expect(manifest.kimg).toBe(0.26);
  });

  test("--from a GAN of another size is refused in a sentence", async () => {
    const args = [...flags(join(folder, "wider")), "--from", join(folder, "whole"), "--width", "3"];
    const { code, stderr } = await runCli(args);
    expect(stderr).toBe(
      `telltale: Expected a GAN of width 3 in ${join(folder, "whole", "networks")}, as in the options, but its width is 2.\n`,
    );
    expect(code).toBe(2);
  });

  test("--dry-run prints both networks and the plan, and writes nothing", async () => {
    const out = join(folder, "dry");
    const { code, stdout } = await runCli([...flags(out), "--kimg", "0.24", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain("generator: ");
    expect(stdout).toContain("discriminator (style): ");
    expect(stdout).toContain("0.24 kimg: 60 steps of 4, 20.0 passes over the data");
    await expect(readdir(out)).rejects.toThrow("ENOENT");
  });

  test("a folder without pictures is refused in a sentence", async () => {
    const empty = join(folder, "empty");
    await mkdir(empty);
    const args = flags(join(folder, "none")).map((arg) => (arg === photos ? empty : arg));
    const { code, stderr } = await runCli(args);
    expect(stderr).toBe(`telltale: Expected authentic pictures or videos in ${empty}, but there are none.\n`);
    expect(code).toBe(1);
  });

  test("a side that is no power of two is refused", async () => {
    const { code, stderr } = await runCli([...flags(join(folder, "odd")), "--resolution", "48"]);
    expect(stderr).toBe("telltale: Expected 16, 32, 64 or 128 for --resolution.\n");
    expect(code).toBe(2);
  });
});

describe("sample", () => {
  test("makes a grid, pictures in a folder and a walk", async () => {
    const from = ["sample", "--from", join(folder, "whole"), "--backend", "wasm", "--count", "3"];
    const grid = join(folder, "grid.png");
    const walk = join(folder, "walk.mp4");
    const each = join(folder, "each/");
    expect((await runCli([...from, "--out", grid])).stderr).toBe("");
    const { width, height } = await sharp(grid).metadata();
    expect([width, height]).toEqual([48, 16]);
    expect((await runCli([...from, "--out", each])).stderr).toBe("");
    expect(await readdir(each)).toEqual(["000000.png", "000001.png", "000002.png", "index.csv"]);
    expect((await runCli([...from, "--out", walk, "--seconds", "0.2"])).stderr).toBe("");
    expect((await readFile(walk)).subarray(4, 8).toString()).toBe("ftyp");
  });

  test("the same seed makes the same faces; another makes others", async () => {
    const from = ["sample", "--from", join(folder, "whole"), "--backend", "wasm", "--count", "3"];
    const paths = ["a", "b", "c"].map((name) => join(folder, `${name}.png`));
    for (const [i, path] of paths.entries()) {
      await runCli([...from, "--out", path, "--seed", i === 2 ? "5" : "4"]);
    }
    const [a, b, c] = await Promise.all(paths.map((path) => sharp(path).raw().toBuffer()));
    expect(b!.equals(a!)).toBe(true);
    expect(c!.equals(a!)).toBe(false);
  });
});
