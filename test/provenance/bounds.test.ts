import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withText, xmpOf } from "../../scripts/fixtures/provenance.ts";
import { loadSigner, signFile } from "../../scripts/fixtures/sign-c2pa.ts";
import { readManifests } from "../../src/provenance/manifests.ts";
import { combine } from "../../src/provenance/provenance.ts";
import { ProvenanceReader } from "../../src/provenance/reader.ts";

const fixtures = resolve(import.meta.dirname, "../../fixtures/provenance");
const reader = new ProvenanceReader(null);
let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "telltale-provenance-"));
});
afterAll(async () => {
  await reader.close();
  await rm(work, { recursive: true });
});

/** What is read of bytes, and how long that took. */
async function read(name: string, bytes: Buffer) {
  const path = join(work, name);
  await writeFile(path, bytes);
  return readPath(path, bytes.length);
}

async function readPath(path: string, bytes: number) {
  const began = performance.now();
  const provenance = combine(await reader.read(path, bytes));
  return { provenance, sec: (performance.now() - began) / 1000 };
}

/** What is reported of a manifest whose signature is good and whose file is unchanged. */
const passed = {
  activeManifest: { success: [{ code: "claimSignature.validated" }, { code: "assertion.dataHash.match" }] },
};
const vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype";
const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: "grey" } });

describe("files that are made to take time or memory", { timeout: 120_000 }, () => {
  test("100 MB of XMP", async () => {
    const packet = xmpOf(`dcterms:title="${"a".repeat(100 << 20)}"`);
    const text = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${packet}`);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length - 4);
    const png = await picture().png().toBuffer();
    const large = Buffer.concat([png.subarray(0, 33), length, text, Buffer.alloc(4), png.subarray(33)]);
    const { provenance, sec } = await read("xmp.png", large);
    expect(provenance.declares).toBeNull();
    expect(provenance.notRead.length).toBeGreaterThan(0);
    expect(sec).toBeLessThan(20);
  });

  test("a picture below the limit whose XMP is 30 MB is read without it, and its texts are", async () => {
    const packet = xmpOf(`dcterms:title="${"a".repeat(30 << 20)}"`);
    const png = withText(await picture().png().toBuffer(), {
      Software: "NovelAI",
      "XML:com.adobe.xmp": packet,
    });
    const { provenance } = await read("mixed.png", png);
    expect(provenance).toMatchObject({ declares: "generated", by: "NovelAI" });
    expect(provenance.notRead.join()).toContain("XMP");
  });

  test("a compressed text that unpacks to 1 GB", async () => {
    const packed = deflateSync(Buffer.alloc(1 << 30, "a"));
    const data = Buffer.concat([Buffer.from("zTXtparameters\0\0", "latin1"), packed]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length - 4);
    const png = withText(await picture().png().toBuffer(), { Software: "NovelAI" });
    const bomb = Buffer.concat([png.subarray(0, 33), length, data, Buffer.alloc(4), png.subarray(33)]);
    const { provenance, sec } = await read("bomb.png", bomb);
    expect(provenance.by).toBe("NovelAI");
    expect(provenance.notRead.length).toBeGreaterThan(0);
    expect(sec).toBeLessThan(10);
  });

  test("deeply nested XMP that is no XMP", async () => {
    const nested = `<x:xmpmeta xmlns:x="adobe:ns:meta/">${"<a>".repeat(300_000)}</x:xmpmeta>`;
    const { provenance } = await read(
      "nested.png",
      withText(await picture().png().toBuffer(), { Software: "NovelAI", "XML:com.adobe.xmp": nested }),
    );
    expect(provenance.declares === "generated" || provenance.notRead.length > 0).toBe(true);
    // The reader is as good as before.
    const after = await readPath(join(fixtures, "signed-generated.jpg"), 15_000);
    expect(after.provenance.signed).toBe(true);
  });

  test("a manifest with 10,000 ingredients that have one each", async () => {
    const ingredients = Array.from({ length: 10_000 }, (_, i) => ({
      title: `part ${i}`,
      relationship: "componentOf" as const,
    }));
    const store = {
      active_manifest: "a",
      validation_state: "Valid",
      validation_results: passed,
      manifests: { a: { ingredients: ingredients.map((one, i) => ({ ...one, active_manifest: `m${i}` })) } },
    };
    for (let i = 0; i < 10_000; i++) Object.assign(store.manifests, { [`m${i}`]: { title: `${i}` } });
    const began = performance.now();
    const { credentials, notRead } = readManifests(store, { isWhole: true, hasAnchors: false });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(credentials).toMatchObject({ manifests: 10_001 });
    expect(credentials!.ingredients).toHaveLength(64);
    expect(notRead).toHaveLength(1);
  });

  test("a signed file with 10,000 actions", async () => {
    const created = { action: "c2pa.created", digitalSourceType: `${vocabulary}/trainedAlgorithmicMedia` };
    const edits = Array.from({ length: 10_000 }, () => ({ action: "c2pa.edited" }));
    const claim = { title: "many", generator: "test", actions: [created, ...edits] };
    const jpeg = await picture().jpeg().toBuffer();
    const signed = await signFile(jpeg, "image/jpeg", claim, loadSigner(join(fixtures, "signer")));
    const { provenance } = await read("many.jpg", signed);
    expect(provenance).toMatchObject({ declares: "generated", signed: true });
    expect(provenance.credentials!.actions).toHaveLength(64);
    expect(provenance.notRead).toHaveLength(1);
  });

  test("what takes too long is ended with a note, and the next file is read", async () => {
    const hasty = new ProvenanceReader(null, 0);
    try {
      const path = join(fixtures, "signed-generated.jpg");
      // 0.1 ms: no manifest is checked in that.
      const late = combine(await hasty.read(path, 1000));
      expect(late).toMatchObject({ declares: null, signed: false });
      expect(late.notRead.join()).toContain("takes longer");
      const inTime = combine(await hasty.read(path, 64 << 20));
      expect(inTime).toMatchObject({ declares: "generated", signed: true });
    } finally {
      await hasty.close();
    }
  });

  test("manifests that name each other in a circle", () => {
    const pair = (inner: string) => ({ ingredients: [{ active_manifest: inner, relationship: "parentOf" }] });
    const store = {
      active_manifest: "a",
      validation_state: "Valid",
      manifests: { a: pair("b"), b: pair("a") },
    };
    const { credentials } = readManifests(store, { isWhole: true, hasAnchors: false });
    expect(credentials!.ingredients).toHaveLength(2);
  });

  test.each([8, 40, 200, 2000, 5000])("a signed clip cut after %i bytes", async (bytes) => {
    const clip = (await readFile(join(fixtures, "signed-generated.mp4"))).subarray(0, bytes);
    const { provenance, sec } = await read("cut.mp4", Buffer.from(clip));
    expect(provenance.signed).toBe(false);
    expect(sec).toBeLessThan(6);
  });

  test("a clip of 5 GB is not read whole, and its signature proves nothing", async () => {
    const clip = await readFile(join(fixtures, "signed-generated.mp4"));
    const path = join(work, "large.mp4");
    await writeFile(path, clip);
    // A box of free space behind the clip, without its bytes on the disk.
    const size = 5 * 2 ** 30;
    const file = await open(path, "r+");
    const head = Buffer.alloc(16);
    head.writeUInt32BE(1);
    head.write("free", 4, "latin1");
    head.writeBigUInt64BE(BigInt(size), 8);
    await file.write(head, 0, 16, clip.length);
    await file.close();
    await truncate(path, clip.length + size);
    const { provenance, sec } = await readPath(path, clip.length + size);
    expect(provenance).toMatchObject({
      declares: "generated",
      signed: false,
      credentials: { state: "not-checked" },
    });
    expect(provenance.notRead).toHaveLength(1);
    expect(sec).toBeLessThan(6);
  });

  test("a file that is gone is a note, and the reader goes on", async () => {
    const { provenance } = await readPath(join(work, "none.jpg"), 1);
    expect(provenance.notRead).toHaveLength(1);
    expect((await readPath(join(fixtures, "signed-captured.jpg"), 15_000)).provenance.declares).toBe(
      "captured",
    );
  });

  test("an aborted reading rejects with the signal's reason", async () => {
    const stop = new AbortController();
    const reading = reader.read(join(fixtures, "signed-captured.jpg"), 15_000, stop.signal);
    stop.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("who vouches for what", () => {
  const manifest = (action: object, ingredients: object[] = []) => ({
    assertions: [{ label: "c2pa.actions.v2", data: { actions: [action] } }],
    ingredients,
  });
  const type = (term: string) => `http://cv.iptc.org/newscodes/digitalsourcetype/${term}`;
  const generated = { action: "c2pa.created", digitalSourceType: type("trainedAlgorithmicMedia") };
  const opened = { action: "c2pa.opened" };
  const read = (inner: object, results: object = passed, state = "Valid") => {
    const manifests = { a: manifest(opened, [inner]), b: manifest(generated) };
    const store = { active_manifest: "a", validation_state: state, validation_results: results, manifests };
    return combine([readManifests(store, { isWhole: true, hasAnchors: false })]);
  };

  test("the parent's statement is about the file, a component's about a part, an input's about neither", () => {
    const declares = (relationship: string) => read({ active_manifest: "b", relationship }).declares;
    expect(["parentOf", "componentOf", "inputTo"].map(declares)).toEqual([
      "generated",
      "edited-with-generative-ai",
      null,
    ]);
  });

  test("an ingredient that was broken when it was put in is not signed", () => {
    const validation_results = { activeManifest: { failure: [{ code: "claimSignature.mismatch" }] } };
    const broken = read({ active_manifest: "b", relationship: "parentOf", validation_results });
    expect(broken).toMatchObject({ declares: "generated", signed: false });
  });

  test.each([
    [[], passed.activeManifest.success, true],
    [["signingCredential.untrusted", "signingCredential.expired"], passed.activeManifest.success, true],
    [["signingCredential.invalid"], passed.activeManifest.success, false],
    [["claimSignature.mismatch"], passed.activeManifest.success, false],
    [["signingCredential.expired"], [{ code: "claimSignature.validated" }], false],
    [["signingCredential.expired"], [{ code: "assertion.dataHash.match" }], true],
    [["signingCredential.expired", "claimSignature.mismatch"], [{ code: "assertion.dataHash.match" }], false],
    [[], [{ code: "assertion.dataHash.match" }], false],
    [[], [], false],
  ])("with the failures %j and the successes %j it is signed: %s", (codes, success, signed) => {
    const results = { activeManifest: { success, failure: codes.map((code) => ({ code })) } };
    const parent = { active_manifest: "b", relationship: "parentOf" };
    expect(read(parent, results, codes.length > 0 ? "Invalid" : "Valid")).toMatchObject({ signed });
  });
});
