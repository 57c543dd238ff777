import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtCli, canonical, readLedger, runAudit } from "../../scripts/proofs/audit/audits.ts";
import { proveKills } from "../../scripts/proofs/audit/kills.ts";
import { makeMutants } from "../../scripts/proofs/audit/mutants.ts";
import { fill, temporaryFolder } from "./media-folder.ts";

const flags = ["--backend", "wasm", "--frames", "4"];

// scripts/proofs/audit-kills.ts does it twenty times over two thousand files.
test("an audit that is killed again and again ends with the ledger of one left alone", async () => {
  const work = await temporaryFolder();
  const folder = join(work, "media");
  const names = [
    "authentic.mp4",
    "forged.mp4",
    "still.jpg",
    "still.webp",
    "still.avif",
    "alpha.png",
    "text.mp4",
  ];
  await fill(
    folder,
    Object.fromEntries(
      names.flatMap((name) => [
        [name, name],
        [`copies/${name}`, name],
      ]),
    ),
  );
  const [baseline, out] = [join(work, "alone"), join(work, "killed")];
  await runAudit(builtCli, [folder, "--out", baseline, ...flags]);
  const entries = await readLedger(baseline);
  const maxMs = 2 * (Date.parse(entries.at(-1)!.at) - Date.parse(entries[0]!.at)) + 1000;
  const wrong = await proveKills({
    cli: builtCli,
    folder,
    baseline,
    out,
    flags,
    kills: 4,
    maxMs,
    seed: 1,
    say: () => {},
  });
  expect(wrong).toEqual([]);
  expect(entries).toHaveLength(14);
}, 400_000);

// scripts/proofs/audit-mutants.ts does it with five hundred.
test("every damaged file gets a row, and none crashes the audit", async () => {
  const work = await temporaryFolder();
  const [folder, out] = [join(work, "media"), join(work, "out")];
  await mkdir(folder);
  const names = await makeMutants(folder, { from: "fixtures/media", count: 24, seed: 3 });
  await runAudit(builtCli, [folder, "--out", out, "--reports", "none", ...flags]);
  const entries = await readLedger(out);
  expect(canonical(entries)).toHaveLength(24);
  expect(entries.map(({ path }) => path).sort()).toEqual(names.sort());
  expect(entries.filter(({ error }) => error?.code === "WORKER_FAILED")).toEqual([]);
}, 400_000);
