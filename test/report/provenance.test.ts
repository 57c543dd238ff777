import { describe, expect, test } from "vitest";
import type { Provenance } from "../../src/provenance/index.ts";
import { auditCsvRow } from "../../src/report/audit/csv.ts";
import { formatSummary } from "../../src/report/csv.ts";
import { formatHtml } from "../../src/report/html/page.ts";
import { reportFile } from "../../src/report/json.ts";
import { pixelsSentence, provenanceSentence } from "../../src/report/provenance.ts";
import { fileReportSchema } from "../../src/report/schema.ts";
import { formatTerminal } from "../../src/report/terminal.ts";
import { sampleEntry } from "../audit/sample-entry.ts";
import { sampleDetection } from "./sample.ts";

const hostile = `=HYPERLINK("http://x")<img src=x onerror=alert(1)>\u001b[2J\u202e`;
const credentials: NonNullable<Provenance["credentials"]> = {
  ...{ state: "valid", problems: [], signer: hostile, issuer: "Example Inc.", signedAt: null },
  ...{ generator: hostile, title: hostile, manifests: 1 },
  actions: [{ action: "c2pa.created", sourceType: null, software: hostile, when: null, manifest: 0 }],
  ingredients: [{ title: hostile, relationship: "parentOf", hasManifest: false, manifest: 0 }],
};
const provenance: Provenance = {
  ...{ credentials, declares: "generated", signed: true, by: hostile },
  evidence: [{ kind: "xmp", where: "xmp:CreatorTool", value: hostile, means: "Program.", signed: false }],
  notRead: ["Something was not read."],
};
const report = reportFile(sampleDetection({ provenance, verdict: "forged", reason: "declared" }));

describe("a report on a file that says something of itself", () => {
  test("is valid", () => {
    expect(fileReportSchema.parse(report)).toEqual(report);
  });

  test("shows texts of the file as texts, in HTML, terminal and CSV", () => {
    const html = formatHtml([{ report, pictures: null }], { madeAt: new Date(0), timeZone: "UTC" });
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(html).not.toContain("<img src=x");
    const printed = formatTerminal(report, { columns: 80, hasColor: false, hasUnicode: true } as never);
    const summary = formatSummary([report]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    for (const text of [html, printed, summary]) expect(text).not.toMatch(/[\u001b\u202e]/);
    // A formula would begin with the equals sign.
    expect(summary).toContain(`"'=HYPERLINK(`);
  });

  test("has columns for what it declares, in both tables", () => {
    const [head, row] = formatSummary([report]).split("\r\n");
    expect(head!.split(",").slice(-5)).toEqual([
      "declares",
      "declaresSigned",
      "declaredBy",
      "credentials",
      "pixelsVerdict",
    ]);
    expect(row).toContain(",generated,true,");
    const origin = {
      declares: "captured",
      signed: false,
      by: null,
      credentials: { state: "invalid" },
    } as const;
    const line = auditCsvRow(
      sampleEntry("a.jpg", { origin: { ...origin, sentence: "s", pixels: "forged" } }),
    );
    expect(line.trimEnd().endsWith(",captured,false,,invalid,forged")).toBe(true);
  });
});

describe("the sentence on what a file says", () => {
  const say = (changes: Partial<Provenance>) =>
    provenanceSentence({ ...provenance, by: "Example", ...changes });
  const state = (state: typeof credentials.state, problems: string[] = []) => ({
    ...credentials,
    state,
    problems,
  });

  test("tells each state of the signature apart", () => {
    const sentences = [
      say({}),
      say({ credentials: state("trusted") }),
      say({ credentials: state("valid", ["Signing certificate untrusted (signingCredential.untrusted)."]) }),
      say({ credentials: state("invalid", ["Hash (assertion.dataHash.mismatch)."]), signed: false }),
      say({ credentials: state("invalid", ["Signature (claimSignature.mismatch)."]), signed: false }),
      say({ credentials: state("not-checked"), signed: false }),
      say({ credentials: null, signed: false }),
      say({ credentials: null, signed: false, declares: null }),
      say({ declares: null }),
      say({ declares: "captured" }),
      say({ declares: "edited-with-generative-ai" }),
    ];
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  test("the verdict of the pixels is named where it differs", () => {
    const pixels = { verdict: "authentic", reason: null } as const;
    expect(pixelsSentence({ pixels, verdict: "forged" })).toContain("no sign of forgery found");
    expect(pixelsSentence({ pixels, verdict: "authentic" })).toBeNull();
  });
});
