import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import { FaceFinder } from "../../src/faces/index.ts";
import { defaultModelDir, loadModel, logits } from "../../src/networks/index.ts";
import { readPortrait } from "../faces/portrait.ts";

const scripts = join(import.meta.dirname, "../../scripts/pretrain");
const hasTorch = spawnSync("python3", ["-c", "import torch, cv2, numpy"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "telltale-pretrain-"));

function python(...args: string[]): string {
  const run = spawnSync("python3", args, {
    cwd: scripts,
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "2" },
    maxBuffer: 2 ** 26,
  });
  if (run.status !== 0) throw new Error(`${args.join(" ")}\n${run.stderr.slice(-2000)}`);
  return run.stdout;
}

/** As `is_validation` of faces.py. */
function isValidation(source: string, group: string): boolean {
  const digest = createHash("md5")
    .update(source + group)
    .digest("hex");
  return BigInt(`0x${digest}`) % 20n === 0n;
}

/** A group's name on the wanted side of the split. */
function groupOf(source: string, number: number, isHeldOut: boolean): string {
  for (let i = 0; ; i++) {
    const name = `${number}-${i}`;
    if (isValidation(source, name) === isHeldOut) return name;
  }
}

beforeAll(async () => {
  if (!hasTorch) return;
  await useBackend("wasm");
  const finder = await FaceFinder.load();
  const picture = await readPortrait();
  const { box, mesh } = finder.find(picture)[0]!;
  const { data, width, height } = picture;
  mkdirSync(join(folder, "pictures"));
  const rows = ["file,source,label,generator,group"];
  const annotations: string[] = [];
  const sets = [
    { source: "photos", label: "real", generator: "none" },
    { source: "dfdc", label: "fake", generator: "swap" },
    { source: "drawn", label: "fake", generator: "gan" },
  ];
  for (const { source, label, generator } of sets) {
    for (let i = 0; i < 10; i++) {
      const file = `pictures/${source}-${i}.jpg`;
      await sharp(data, { raw: { width, height, channels: 3 } })
        .modulate({ brightness: 0.8 + i / 25, hue: label === "real" ? 0 : 40 })
        .jpeg({ quality: 60 + 3 * i })
        .toFile(join(folder, file));
      rows.push([file, source, label, generator, groupOf(source, i, i > 5)].join(","));
      annotations.push(
        JSON.stringify({
          ...{ f: file, w: width, h: height, m: [...mesh] },
          c: [box[0] + box[2] / 2, box[1] + box[3] / 2, Math.max(box[2], box[3])],
        }),
      );
    }
  }
  writeFileSync(join(folder, "index.csv"), `${rows.join("\n")}\n`);
  writeFileSync(join(folder, "annotations.jsonl"), `${annotations.join("\n")}\n`);
  mkdirSync(join(folder, "packs"));
  python(
    ...["pack.py", "--out", join(folder, "packs/a")],
    ...["--pictures", folder, "index.csv", join(folder, "annotations.jsonl")],
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasTorch)("scripts/pretrain (needs Python with torch, opencv and numpy)", () => {
  test("the shipped weights give the same logit in PyTorch and here", async () => {
    const weights = join(folder, "face.npz");
    python("export.py", "import", defaultModelDir, weights);
    const code = [
      "import sys, numpy as np, torch, pathlib",
      "from model import load_detector",
      "detector = load_detector(pathlib.Path(sys.argv[1])).eval()",
      "image = torch.arange(224 * 224 * 3, dtype=torch.float32).reshape(1, 224, 224, 3) % 251",
      "classes = detector(image.permute(0, 3, 1, 2)).classes[0]",
      "print((classes[0] - torch.logsumexp(classes[1:], 0)).item())",
    ];
    const theirs = Number(python("-c", code.join("\n"), weights));
    const { discriminator } = await loadModel(defaultModelDir);
    const ours = tf.tidy(() => {
      const image = tf.reshape(tf.mod(tf.range(0, 224 * 224 * 3), 251), [1, 224, 224, 3]) as Tensor4D;
      return logits(discriminator, image, "inference").dataSync()[0]!;
    });
    discriminator.parameters.dispose();
    expect(ours).toBeCloseTo(theirs, 2);
  });

  test("whole groups of a named generator are held out", () => {
    const code = [
      "import sys, pathlib",
      "from faces import held_out, read_packs",
      "records = [face.record for face in read_packs(pathlib.Path(sys.argv[1]))]",
      "records += [records[-1]._replace(generator='other')]",
      "print(sum(held_out(records)), sum(held_out(records, ['gan'])), held_out(records, ['gan'])[-1])",
    ];
    expect(python("-c", code.join("\n"), join(folder, "packs")).trim()).toBe("13 19 True");
  });

  test("training, evaluation and the refit run from packs to a model folder that loads", async () => {
    const run = join(folder, "run");
    python(
      ...["train.py", "--packs", join(folder, "packs"), "--out", run, "--smoke", "--resolution", "64"],
      ...["--seconds", "120", "--autoencoder-seconds", "1", "--against-detector"],
    );
    const log = python(
      ...["train.py", "--packs", join(folder, "packs"), "--out", run, "--smoke", "--resolution", "64"],
      ...["--seconds", "120", "--autoencoder-seconds", "0", "--resume"],
    );
    expect(log).toMatch(/resumes at step 3, /);
    expect(log).toMatch(/ 6: /);
    const packs = ["--packs", join(folder, "packs"), "--weights", join(run, "face.npz")];
    expect(python("evaluate.py", ...packs, "--resolution", "64")).toMatch(/^faces 12, /);
    const model = join(folder, "model");
    python("refit.py", ...packs, "--out", model, "--version", "1.2.3");
    const { discriminator, manifest } = await loadModel(model);
    discriminator.parameters.dispose();
    expect(manifest.version).toBe("1.2.3");
    expect(manifest.trainedOn).toEqual(["dfdc", "drawn", "photos"]);
    const { sources } = JSON.parse(readFileSync(join(model, "refit.json"), "utf8"));
    expect(
      sources.map((row: { source: string; reals: number; fakes: number }) => [
        row.source,
        row.reals,
        row.fakes,
      ]),
    ).toEqual([
      ["dfdc", 0, 4],
      ["drawn", 0, 4],
      ["photos", 4, 0],
    ]);
  }, 300_000);
});
