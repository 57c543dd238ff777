import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileReportSchema } from "../../src/report/schema.ts";
import { root, runCli } from "./run-cli.ts";

const fixtures = resolve(root, "fixtures/provenance");
const anchors = join(fixtures, "signer/root.pem");
let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "telltale-cli-provenance-"));
});
afterAll(() => rm(work, { recursive: true }));

describe("telltale detect", { timeout: 120_000 }, () => {
  const detect = async (name: string, ...flags: string[]) => {
    const run = await runCli(["detect", "--backend", "wasm", "--json", "-", ...flags, join(fixtures, name)]);
    return { ...run, report: fileReportSchema.parse(JSON.parse(run.stdout)) };
  };

  test("exits with 10 for a signed statement, which --no-provenance leaves out", async () => {
    const { code, report } = await detect("signed-generated.jpg");
    expect({ code, reason: report.reason }).toEqual({ code: 10, reason: "declared" });
    const plain = await detect("signed-generated.jpg", "--no-provenance");
    expect(plain.report).toMatchObject({ verdict: "authentic", reason: null, provenance: null });
    expect(plain.report.options.provenance).toBe(false);
    expect(plain.code).toBe(0);
  });

  test("--trust-anchors names the signers that are trusted", async () => {
    const { report } = await detect("signed-captured.jpg", "--trust-anchors", anchors);
    expect(report.provenance!.credentials!.state).toBe("trusted");
    const { report: without } = await detect("signed-captured.jpg");
    expect(without.provenance!.credentials!.state).toBe("valid");
  });

  test.each(["none.pem", "empty.pem"])("--trust-anchors %s is refused before any work", async (name) => {
    await writeFile(join(work, "empty.pem"), "no certificate");
    const path = join(work, name);
    const { code, stdout, stderr } = await runCli([
      ...["detect", "--trust-anchors", path, join(fixtures, "signed-captured.jpg")],
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(path);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("telltale audit", { timeout: 240_000 }, () => {
  const audit = (out: string, ...flags: string[]) =>
    runCli([
      ...["audit", join(work, "media"), "--out", join(work, out), "--backend", "wasm", "--jobs", "1"],
      ...["--reports", "none", ...flags],
    ]);
  const ledger = async (out: string) =>
    (await readFile(join(work, out, "ledger.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  beforeAll(async () => {
    await mkdir(join(work, "media"));
    await cp(join(fixtures, "signed-captured.jpg"), join(work, "media/a.jpg"));
  });

  test("--trust-anchors reaches the processes that judge", async () => {
    expect((await audit("trusted", "--trust-anchors", anchors)).code).toBe(0);
    expect(await ledger("trusted")).toMatchObject([{ origin: { credentials: { state: "trusted" } } }]);
  });

  test("an audit that was begun before provenance was read goes on with --no-provenance, and the refusal says so", async () => {
    expect((await audit("old", "--no-provenance")).code).toBe(0);
    const [entry] = await ledger("old");
    expect(entry.origin ?? null).toBeNull();
    const path = join(work, "old/audit.json");
    const { provenance: _, trustAnchorsSha256: __, ...old } = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify(old));
    const refused = await audit("old");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("--no-provenance");
    expect(await audit("old", "--no-provenance", "--resume")).toMatchObject({ code: 0, stderr: "" });
    expect(await ledger("old")).toEqual([entry]);
  });
});
