import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatCard } from "../../scripts/card/card.ts";
import type { Reproduction } from "../../scripts/card/measurements.ts";
import { defaultModelDir, readManifest } from "../../src/networks/index.ts";
import { sampleDocument } from "../evaluation/sample-document.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-card-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** A copy of the shipped model's folder. */
function modelFolder(name: string): string {
  const folder = join(temporary, name);
  cpSync(defaultModelDir, folder, { recursive: true });
  return folder;
}

describe("the model card", () => {
  test("that is in the repository is what `npm run card` writes", async () => {
    expect(readFileSync(join(defaultModelDir, "README.md"), "utf8")).toBe(await formatCard(defaultModelDir));
  });

  test("has a section for each part that was measured, with the command beside each table", async () => {
    const folder = modelFolder("whole");
    const document = { ...sampleDocument(), command: "telltale evaluate --attack" };
    writeFileSync(join(folder, "evaluation/parts.json"), JSON.stringify(document));
    const rows = [{ name: "random", command: "telltale train detector --from random", auc: { dfdc: 0.64 } }];
    const adversarial = {
      note: "Attacked.",
      rows: [{ ...rows[0]!, auc: { clean: 0.64, "FGSM, 1/255": 0.2 } }],
    };
    writeFileSync(
      join(folder, "ablation.json"),
      JSON.stringify({ schema: 1, note: "Same steps.", rows, adversarial }),
    );
    const { weights } = await readManifest(folder);
    const reproduction: Reproduction = {
      schema: 1,
      shipped: weights.sha256,
      now: weights.sha256,
      machine: "2 x a CPU",
      stages: [
        { name: "1", hours: 1, processorHours: 1.7 },
        { name: "2", hours: 0.5, processorHours: 0.9 },
      ],
      figures: [{ name: "dfdc", fakes: 120, shipped: 0.91, now: 0.9 + 1 / 200, isHeldTo: true }],
    };
    writeFileSync(join(folder, "reproduction.json"), JSON.stringify(reproduction));
    const card = await formatCard(folder);
    const titles = [...card.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(titles).toEqual([
      "Data and licences",
      "How it was trained",
      "What it scores",
      "How it holds",
      "Shortcuts",
      "Groups of people",
      "Attacks",
      "Generators never seen",
      "What each part is worth",
      "Trained again",
      "What it misses",
      "Use and non-use",
    ]);
    expect(card).toContain("| stylegan | 30 | 40 | 0.600 (0.580 to 0.620) | 0.800 (0.780 to 0.820) |");
    expect(card).toContain("| random | 0.640 | `telltale train detector --from random` |");
    expect(card).toContain("| random | 0.640 | 0.200 | `telltale train detector --from random` |");
    expect(card).toContain(
      "2.6 h of processors' time (1.7 for stage 1, 0.9 for stage 2) and 1.5 h by the clock",
    );
    expect(card).toContain("| dfdc | 120 | 0.910 | 0.905 |");
    const tables = card
      .split("\n## What it scores")[1]!
      .split("\n## Trained again")[0]!
      .match(/^\|---/gm)!;
    const commands = card.match(/Measured by `|trained by \|/g)!;
    expect(commands).toHaveLength(tables.length);
    // The same data again is not told twice.
    expect(card.match(/^### How well fakes are told from reals: images/gm)).toHaveLength(1);
  });

  test("refuses figures of other weights and of an older schema", async () => {
    const folder = modelFolder("other");
    const compared = { schema: 1, shipped: "0", now: "0", machine: "", stages: [], figures: [] };
    writeFileSync(join(folder, "reproduction.json"), JSON.stringify(compared));
    await expect(formatCard(folder)).rejects.toThrow(
      "reproduction.json compares other weights; run npm run reproduce again.",
    );
    const path = join(folder, "evaluation/images.json");
    const document = sampleDocument();
    writeFileSync(
      path,
      JSON.stringify({ ...document, model: { ...document.model, sha256: "0".repeat(64) } }),
    );
    await expect(formatCard(folder)).rejects.toThrow(
      "evaluation/images.json was measured on other weights; run telltale evaluate again.",
    );
    writeFileSync(path, JSON.stringify({ ...document, schema: 1 }));
    await expect(formatCard(folder)).rejects.toThrow(
      "evaluation/images.json is of another schema; run telltale evaluate again.",
    );
  });
});
