import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatCard } from "../../scripts/card/card.ts";
import { defaultModelDir, saveModel } from "../../src/networks/index.ts";
import { sampleDocument } from "../evaluation/sample-document.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-card-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const image = {
  ...{ forgedBelow: 0.1234, authenticAbove: 0.8, measuredFpr: 0.0125, measuredMissRate: 0.0871 },
  measuredOn: "80 real and 90 forged pictures of the validation groups",
};
const video = {
  ...{ forgedBelow: 0.2345, authenticAbove: 0.7, measuredFpr: null, measuredMissRate: null },
  measuredOn: "nothing",
};

/** A model's folder without anything measured. @returns it, and the SHA-256 of its weights */
async function modelFolder(name: string): Promise<{ folder: string; sha256: string }> {
  const folder = join(temporary, name);
  const { weights } = await saveModel(folder, new Float32Array(2000), {
    ...{ name: "face", version: "1.2.3", architecture: "mobilenet-v1", minFacePx: 48 },
    crop: { sizePx: 224, margin: 1.3 },
    calibration: { scale: 1.5, bias: -0.25 },
    thresholds: { image, video },
    trainedOn: ["dfdc", "studio"],
    limitations: ["Faces in profile are missed."],
  });
  writeFileSync(join(folder, "about.md"), "## Data and licences\n\nNone.\n");
  return { folder, sha256: weights.sha256 };
}

const titlesOf = (card: string) => [...card.matchAll(/^## (.+)$/gm)].map((match) => match[1]);

function writeEvaluation(folder: string, name: string, document: object): void {
  mkdirSync(join(folder, "evaluation"), { recursive: true });
  writeFileSync(join(folder, "evaluation", name), JSON.stringify(document));
}

describe("the model card", () => {
  test("that is in the repository is what `npm run card` writes", async () => {
    expect(readFileSync(join(defaultModelDir, "README.md"), "utf8")).toBe(await formatCard(defaultModelDir));
  });

  test("gives the thresholds of pictures and of videos with what was measured of them, and the limitations", async () => {
    const { folder, sha256 } = await modelFolder("bare");
    const card = await formatCard(folder);
    expect(titlesOf(card)).toEqual(["Data and licences", "Limitations", "Use and non-use"]);
    expect(card).toContain(`\`${sha256}\``);
    expect(card).toMatch(/^\| pictures: forged below \| 0\.1234; .*1\.3% .*80 real and 90 forged pictures/m);
    expect(card).toMatch(/^\| pictures: authentic above \| 0\.8000; .*8\.7% /m);
    expect(card).toMatch(/^\| videos: forged below \| 0\.2345; .*not measured \|$/m);
    expect(card).toMatch(/^\| videos: authentic above \| 0\.7000; .*not measured \|$/m);
    expect(card).toContain("\n- Faces in profile are missed.\n");
    expect(card).not.toMatch(/undefined|NaN|null/);
  });

  test("has a section for each part that was measured, with the command next to each table", async () => {
    const { folder, sha256 } = await modelFolder("whole");
    writeEvaluation(folder, "images.json", sampleDocument(sha256));
    const parts = { ...sampleDocument(sha256), command: "telltale evaluate --attack" };
    writeEvaluation(folder, "parts.json", parts);
    const card = await formatCard(folder);
    expect(titlesOf(card)).toEqual([
      "Data and licences",
      "What it scores",
      "How it holds",
      "Shortcuts",
      "Groups of people",
      "Attacks",
      "Limitations",
      "Use and non-use",
    ]);
    expect(card).toContain("sd21 against reals of other sources: AUC 0.75 (40 fakes).");
    const tables = card
      .split("\n## What it scores")[1]!
      .split("\n## Limitations")[0]!
      .match(/^\|---/gm)!;
    expect(card.match(/Measured by `/g)).toHaveLength(tables.length);
    // The same data again is not told twice.
    expect(card.match(/^### How well fakes are told from reals: images/gm)).toHaveLength(1);
  });

  test("tells of each training run that is kept", async () => {
    const { folder } = await modelFolder("trained");
    const run = join(folder, "training/1");
    mkdirSync(run, { recursive: true });
    const options = { steps: 400, batch: 32, from: "pretrained", seed: 3, freezeBackbone: true };
    writeFileSync(join(run, "options.json"), JSON.stringify(options));
    const lines = [50, 100].map((step) => ({ step, loss: 1 / step, imagesPerSec: 20, waitedShare: 0.1 }));
    const stats = [...lines, { step: 100, validationAuc: { mean: 0.9 } }];
    writeFileSync(join(run, "stats.jsonl"), `${stats.map((row) => JSON.stringify(row)).join("\n")}\n`);
    const card = await formatCard(folder);
    expect(card).toContain(
      "`telltale train detector --from pretrained --steps 400 --seed 3 --freeze-backbone`: 100 steps of 32 faces",
    );
    expect(card).toContain("Loss 0.020 at step 50, 0.010 at step 100.");
    expect(card).toContain("On dfdc, studio.");
  });

  test("refuses figures of other weights and of an older schema", async () => {
    const { folder, sha256 } = await modelFolder("other");
    writeEvaluation(folder, "images.json", sampleDocument("f".repeat(64)));
    await expect(formatCard(folder)).rejects.toThrow(
      "evaluation/images.json was measured on other weights; run telltale evaluate again.",
    );
    writeEvaluation(folder, "images.json", { ...sampleDocument(sha256), schema: 2 });
    await expect(formatCard(folder)).rejects.toThrow(
      "evaluation/images.json is of another schema; run telltale evaluate again.",
    );
  });
});
