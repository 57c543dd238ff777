import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { probe } from "../../src/media/index.ts";
import { ProvenanceReader, readProvenance } from "../../src/provenance/index.ts";

const folder = resolve(import.meta.dirname, "../../fixtures/provenance");
const reader = new ProvenanceReader(null);
afterAll(() => reader.close());

async function read(name: string, by: ProvenanceReader = reader) {
  return readProvenance(await probe(join(folder, name)), by);
}

describe("what the fixtures say of themselves", () => {
  test.each([
    ["signed-generated.jpg", "generated", true, "Example Generator", "valid"],
    ["signed-generated.mp4", "generated", true, "Example Generator", "valid"],
    ["signed-captured.jpg", "captured", true, "Example Camera", "valid"],
    ["signed-edited.png", "edited-with-generative-ai", true, "Example Editor", "valid"],
    ["signed-ingredients.webp", "edited-with-generative-ai", true, "Example Generator", "valid"],
    ["changed-pixel.jpg", "generated", false, "Example Generator", "invalid"],
    ["broken-signature.jpg", "generated", false, "Example Generator", "invalid"],
    ["text-a1111.png", "generated", false, "a Stable Diffusion program", undefined],
    ["text-comfyui.png", "generated", false, "ComfyUI", undefined],
    ["text-novelai.png", "generated", false, "NovelAI", undefined],
    ["xmp-generated.jpg", "generated", false, null, undefined],
    ["xmp-edited.jpg", "edited-with-generative-ai", false, null, undefined],
    ["xmp-captured.jpg", "captured", false, null, undefined],
    ["iptc-credit.jpg", "generated", false, "Google AI", undefined],
    ["tags.mp4", "generated", false, null, undefined],
    ["remote-manifest.jpg", null, false, null, undefined],
  ])("%s: %s, signed %s", async (name, declares, signed, by, state) => {
    const provenance = await read(name);
    expect(provenance).toMatchObject({ declares, signed, by });
    expect(provenance.credentials?.state).toBe(state);
    expect(provenance.evidence.filter((one) => one.signed).length > 0).toBe(state === "valid");
  });

  test("a manifest tells its signer, program, steps and ingredients", async () => {
    const { credentials } = await read("signed-ingredients.webp");
    expect(credentials).toMatchObject({
      ...{ signer: "Telltale test signer", issuer: "Telltale test fixtures", generator: "Telltale fixtures" },
      ...{ title: "montage.webp", manifests: 3, problems: [] },
    });
    expect(credentials!.ingredients).toEqual([
      { title: "camera.jpg", relationship: "parentOf", hasManifest: true, manifest: 0 },
      { title: "sky.jpg", relationship: "componentOf", hasManifest: true, manifest: 0 },
    ]);
    expect(credentials!.actions.filter(({ manifest }) => manifest === 0)).toHaveLength(2);
    expect(credentials!.actions.map(({ sourceType }) => sourceType)).toContain("trainedAlgorithmicMedia");
  });

  test("a broken manifest says what failed", async () => {
    expect((await read("changed-pixel.jpg")).credentials!.problems.join()).toContain("dataHash.mismatch");
    expect((await read("broken-signature.jpg")).credentials!.problems.join()).toContain(
      "claimSignature.mismatch",
    );
  });

  test("a manifest at an address is said and not fetched", async () => {
    expect((await read("remote-manifest.jpg")).notRead).toHaveLength(1);
  });

  test("a signer on the list is trusted, one that is not is said to be none", async () => {
    const trusting = new ProvenanceReader(await readFile(join(folder, "signer/root.pem"), "utf8"));
    // Some other certificate: the leaf of the signer itself is none of its issuers.
    const [other] = (await import("node:tls")).rootCertificates;
    const wary = new ProvenanceReader(other!);
    try {
      expect((await read("signed-generated.jpg", trusting)).credentials).toMatchObject({
        ...{ state: "trusted", problems: [] },
      });
      const { credentials, signed } = await read("signed-generated.jpg", wary);
      expect({ state: credentials!.state, signed }).toEqual({ state: "valid", signed: true });
      expect(credentials!.problems.join()).toContain("signingCredential.untrusted");
    } finally {
      await Promise.all([trusting.close(), wary.close()]);
    }
  });
});
