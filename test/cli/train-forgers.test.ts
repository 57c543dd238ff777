import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, runCli } from "./run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-train-forgers-"));
  for (const [person, clip] of [
    ["ada", "authentic.mp4"],
    ["bob", "vfr.mp4"],
  ] as const) {
    await mkdir(join(folder, person));
    await copyFile(join(root, "fixtures/media", clip), join(folder, person, clip));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const common = () => [
  ...["--cache", join(folder, "cache"), "--backend", "wasm", "--resolution", "32", "--width", "4"],
  ...["--batch", "2", "--steps", "3", "--frames-per-video", "8"],
];

test("train swap leaves options, statistics, a picture, a checkpoint and a forger that forge takes", async () => {
  const out = join(folder, "swap");
  const people = ["--a", join(folder, "ada"), "--b", join(folder, "bob")];
  const { code, stdout, stderr } = await runCli(["train", "swap", ...people, "--out", out, ...common()]);
  expect(stderr).toContain("telltale: 3 of 3 steps, l1-a ");
  expect(stderr).toContain("measured on faces that it was trained on: n 8, moved-a-to-b ");
  expect([code, stdout]).toEqual([0, `${out}\n`]);
  expect(await readdir(out)).toEqual(
    expect.arrayContaining(["before-after-000003.png", "checkpoint.json", "forger.json", "options.json"]),
  );
  const page = await readFile(join(out, "report.html"), "utf8");
  expect(page).toContain("<h1>Swap, trained for 3 steps</h1>");
  expect(page).toContain("<h2>Measured on training faces: too few to hold any out</h2>");
  const shown = [...page.matchAll(/<img src="([^"]+)"/g)].map(([, file]) => file);
  expect(shown).toEqual(["before-after-000003.png", "loss-l1-a.svg", "loss-l1-b.svg", "speed.svg"]);
  expect(await readdir(out)).toEqual(expect.arrayContaining(shown));
  const fakes = join(folder, "fakes");
  const data = ["--data", join(folder, "ada"), "--frames-per-video", "2", "--backend", "wasm"];
  const forged = await runCli(["forge", "--from", out, ...data, "--out", fakes]);
  expect(forged.stderr).toContain(
    "telltale: 2 forged, 0 pictures or frames without a face, 0 files unreadable",
  );
  expect([forged.code, forged.stdout]).toEqual([0, `${fakes}\n`]);
  expect(await readFile(join(fakes, "index.csv"), "utf8")).toContain(",ada,fake,swap,authentic.mp4\n");

  const again = await runCli(["forge", "--from", out, ...data, "--out", fakes]);
  expect(again.code).toBe(2);
  expect(again.stderr).toMatch(/--out.*index\.csv/);
  const walls = join(folder, "walls");
  await mkdir(walls);
  await sharp({ create: { width: 64, height: 64, channels: 3, background: "grey" } })
    .png()
    .toFile(join(walls, "wall.png"));
  const none = await runCli(["forge", "--from", out, "--data", walls, "--out", join(folder, "none")]);
  expect(none.stderr).toContain(`telltale: Expected a face to forge in ${walls}, but there was none.`);
  expect([again.code, none.code]).toEqual([2, 1]);
});

test("train restoration says how far it is from bicubic, and is not begun twice", async () => {
  const out = join(folder, "restoration");
  const flags = ["train", "restoration", "--data", join(folder, "ada"), "--out", out, ...common()];
  const { code, stderr } = await runCli(flags);
  expect(stderr).toMatch(
    /measured on faces that it was trained on: n 8, psnr-restored [\d.]+, .*psnr-bicubic [\d.]+/,
  );
  expect(code).toBe(0);
  const again = await runCli(flags);
  expect(again.stderr).toMatch(/already.*--resume/);
  expect(again.code).toBe(1);
});
