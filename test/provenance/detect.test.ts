import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withText, xmpOf } from "../../scripts/fixtures/provenance.ts";
import { type Detector, openDetector, reportFile } from "../../src/index.ts";
import { fileReportSchema } from "../../src/report/schema.ts";

const folder = resolve(import.meta.dirname, "../../fixtures/provenance");
let work: string;
let detector: Detector;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "telltale-provenance-"));
  detector = await openDetector({ backend: "wasm", workers: 1, frames: 4 });
});
afterAll(async () => {
  await detector.close();
  await rm(work, { recursive: true });
});

describe("the verdict on files that say something of themselves", () => {
  // The portrait is a real one, so that its pixels are called authentic.
  test.each([
    ["signed-generated.jpg", "forged", "declared"],
    ["signed-edited.png", "forged", "declared"],
    ["signed-ingredients.webp", "forged", "declared"],
    ["signed-captured.jpg", "authentic", null],
    ["changed-pixel.jpg", "inconclusive", "contradicted"],
    ["broken-signature.jpg", "inconclusive", "contradicted"],
    ["xmp-generated.jpg", "inconclusive", "contradicted"],
    ["text-a1111.png", "inconclusive", "contradicted"],
    ["xmp-captured.jpg", "authentic", null],
    ["remote-manifest.jpg", "authentic", null],
  ])("%s is %s (%s)", async (name, verdict, reason) => {
    const detection = await detector.detect(join(folder, name));
    expect(detection).toMatchObject({ verdict, reason, pixels: { verdict: "authentic", reason: null } });
    const report = reportFile(detection);
    expect(fileReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test("a clip that declares it is forged, whatever its frames look like", async () => {
    const detection = await detector.detect(join(folder, "signed-generated.mp4"));
    expect(detection).toMatchObject({ verdict: "forged", reason: "declared", provenance: { signed: true } });
  });

  test("without provenance the pixels alone decide", async () => {
    const plain = await openDetector({ backend: "wasm", workers: 1, provenance: false });
    try {
      const detection = await plain.detect(join(folder, "signed-generated.jpg"));
      expect(detection).toMatchObject({ verdict: "authentic", reason: null, provenance: null });
    } finally {
      await plain.close();
    }
  });

  test("a list of trusted signers is read from a file, and one that holds none is refused", async () => {
    const trustAnchors = join(folder, "signer/root.pem");
    const trusting = await openDetector({ backend: "wasm", workers: 1, trustAnchors });
    try {
      const { provenance } = await trusting.detect(join(folder, "signed-captured.jpg"));
      expect(provenance!.credentials!.state).toBe("trusted");
    } finally {
      await trusting.close();
    }
    const empty = join(work, "empty.pem");
    await writeFile(empty, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");
    for (const wrong of [empty, join(work, "none.pem"), join(folder, "text-a1111.png")]) {
      await expect(openDetector({ trustAnchors: wrong })).rejects.toMatchObject({ code: "USAGE" });
    }
  });

  test("metadata that is refused leaves the pixels' verdict", async () => {
    const packet = xmpOf(`dcterms:title="${"a".repeat(70 << 20)}"`);
    const text = { "XML:com.adobe.xmp": packet };
    const portrait = await sharp(await readFile(join(folder, "signed-captured.jpg")))
      .png()
      .toBuffer();
    const path = join(work, "large-xmp.png");
    await writeFile(path, withText(portrait, text));
    const { verdict, provenance } = await detector.detect(path);
    expect(verdict).toBe("authentic");
    expect(provenance).toMatchObject({ declares: null, evidence: [] });
    expect(provenance!.notRead.length).toBeGreaterThan(0);
  });

  test("a file with damaged metadata is judged all the same", async () => {
    const bytes = await readFile(join(folder, "xmp-generated.jpg"));
    const at = bytes.indexOf("<x:xmpmeta");
    bytes.fill("<", at, at + 200);
    const path = join(work, "damaged.jpg");
    await writeFile(path, bytes);
    const { verdict, provenance } = await detector.detect(path);
    expect({ verdict, declares: provenance!.declares }).toEqual({ verdict: "authentic", declares: null });
  });
});
