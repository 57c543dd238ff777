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
/** For what is large and to be read to its end, on a busy machine too. */
const patient = new ProvenanceReader(null, 60_000);
const signer = loadSigner(join(fixtures, "signer"));
let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "telltale-provenance-"));
});
afterAll(async () => {
  await Promise.all([reader.close(), patient.close()]);
  await rm(work, { recursive: true });
});

/** What is read of bytes, and how long that took. */
async function read(name: string, bytes: Buffer, by: ProvenanceReader = reader) {
  const path = join(work, name);
  await writeFile(path, bytes);
  return readPath(path, bytes.length, by);
}

async function readPath(path: string, bytes: number, by: ProvenanceReader = reader) {
  const began = performance.now();
  const provenance = combine(await by.read(path, bytes));
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

  test("a signed file with 1,000 ingredients is read, and 64 are listed", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const ingredients = Array.from({ length: 1000 }, (_, i) => ({
      ...{ title: `part${i}.jpg`, relationship: "componentOf" as const, format: "image/jpeg", bytes: jpeg },
    }));
    const created = { action: "c2pa.created", digitalSourceType: `${vocabulary}/trainedAlgorithmicMedia` };
    const claim = { title: "many", generator: "test", actions: [created], ingredients };
    const signed = await signFile(jpeg, "image/jpeg", claim, signer);
    const { provenance } = await read("ingredients.jpg", signed, patient);
    expect(provenance).toMatchObject({ declares: "generated", signed: true });
    expect(provenance.credentials!.ingredients).toHaveLength(64);
    expect(provenance.notRead).toHaveLength(1);
  });

  test.each([
    ["its parent names the file's own manifest as parent", 0],
    ["the file's own manifest names itself as parent", 1],
  ])("a signed file in which %s", async (_, place) => {
    const jpeg = await picture().jpeg().toBuffer();
    const opened = (parent: Buffer) => {
      const actions = [{ action: "c2pa.opened", parameters: { ingredientIds: ["a.jpg"] } }];
      const one = {
        title: "a.jpg",
        relationship: "parentOf" as const,
        format: "image/jpeg",
        bytes: parent,
      };
      return signFile(
        jpeg,
        "image/jpeg",
        { title: "b", generator: "t", actions, ingredients: [one] },
        signer,
      );
    };
    const camera = await readFile(join(fixtures, "signed-captured.jpg"));
    const chain = await opened(await opened(camera));
    // Names of manifests are equally long. The oldest manifest stands first, the file's own last.
    const text = chain.toString("latin1");
    const names = [...new Set(text.match(/urn:c2pa:[0-9a-f-]{36}/g))];
    expect(names).toHaveLength(3);
    const [oldest, middle, own] = names.sort((a, b) => text.indexOf(a) - text.indexOf(b));
    const from = text.lastIndexOf(own!);
    const cyclic =
      place === 0
        ? text.slice(0, from).replaceAll(oldest!, own!) + text.slice(from)
        : text.replaceAll(middle!, own!);
    const { provenance, sec } = await read("cyclic.jpg", Buffer.from(cyclic, "latin1"));
    expect(provenance).toMatchObject({ signed: false, declares: null });
    expect(provenance.credentials?.state === "invalid" || provenance.notRead.length > 0).toBe(true);
    expect(sec).toBeLessThan(10);
    expect((await readPath(join(fixtures, "signed-generated.jpg"), 15_000)).provenance.signed).toBe(true);
  });

  test("a signed picture that is cut within its manifest", async () => {
    const file = await readFile(join(fixtures, "signed-generated.jpg"));
    const { provenance, sec } = await read("cut.jpg", file.subarray(0, 1500));
    expect(provenance.signed).toBe(false);
    expect(provenance.credentials?.state === "invalid" || provenance.notRead.length > 0).toBe(true);
    expect(sec).toBeLessThan(6);
  });

  test("a signed picture whose manifest's box claims 4 GB", async () => {
    const file = await readFile(join(fixtures, "signed-generated.jpg"));
    // Of the store, then of the manifest in it.
    for (const nth of [1, 2]) {
      const copy = Buffer.from(file);
      let at = -1;
      for (let i = 0; i < nth; i++) at = copy.indexOf("jumb", at + 1, "latin1");
      copy.writeUInt32BE(0xfffffff0, at - 4);
      const { provenance, sec } = await read("claims.jpg", copy);
      expect(provenance.credentials !== null || provenance.notRead.length > 0).toBe(true);
      expect(sec).toBeLessThan(6);
    }
  });

  test("a signed file with 10,000 actions", async () => {
    const created = { action: "c2pa.created", digitalSourceType: `${vocabulary}/trainedAlgorithmicMedia` };
    const edits = Array.from({ length: 10_000 }, () => ({ action: "c2pa.edited" }));
    const claim = { title: "many", generator: "test", actions: [created, ...edits] };
    const jpeg = await picture().jpeg().toBuffer();
    const signed = await signFile(jpeg, "image/jpeg", claim, signer);
    const { provenance } = await read("many.jpg", signed, patient);
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

describe("pictures that say nothing", () => {
  test("are not handed to the thread, and each kind of metadata is", async () => {
    const fresh = new ProvenanceReader(null);
    const write = async (name: string, bytes: Buffer) => {
      await writeFile(join(work, name), bytes);
      return combine(await fresh.read(join(work, name), bytes.length));
    };
    try {
      for (const kind of ["jpeg", "png", "webp"] as const) {
        expect((await write(`bare.${kind}`, await picture().toFormat(kind).toBuffer())).evidence).toEqual([]);
      }
      expect(fresh.isRunning).toBe(false);
      const exif = { IFD0: { Make: "Example" } };
      const xmp = xmpOf('xmp:CreatorTool="Example" xmlns:xmp="http://ns.adobe.com/xap/1.0/"');
      for (const kind of ["jpeg", "png", "webp"] as const) {
        const withExif = await picture().withExif(exif).toFormat(kind).toBuffer();
        // sharp writes no XMP into a PNG.
        const withXmp =
          kind === "png"
            ? withText(await picture().png().toBuffer(), { Software: "Example" })
            : await picture().withXmp(xmp).toFormat(kind).toBuffer();
        expect((await write(`exif.${kind}`, withExif)).evidence).toHaveLength(1);
        expect((await write(`xmp.${kind}`, withXmp)).evidence).toHaveLength(1);
      }
    } finally {
      await fresh.close();
    }
  });
});

describe("places that the parser of pictures does not know", () => {
  const generated = xmpOf(`Iptc4xmpExt:DigitalSourceType="${vocabulary}/trainedAlgorithmicMedia"`);
  const box = (type: string, ...parts: readonly Buffer[]) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + body.length);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, body]);
  };
  const packet = Buffer.from(generated);
  const uuid = Buffer.from("be7acfcb97a942e89c71999491e3afac", "hex");
  const brand = (name: string) => box("ftyp", Buffer.from(`${name}\0\0\0\0`, "latin1"));
  // QuickTime ends the list of `udta` with a zero.
  const udta = box("udta", box("XMP_", packet), Buffer.alloc(4));
  const large = Buffer.alloc(16);
  large.writeUInt32BE(1);
  large.write("uuid", 4, "latin1");
  large.writeBigUInt64BE(BigInt(32 + packet.length), 8);

  test.each([
    ["moov/udta of QuickTime", "mov", [brand("qt  "), box("moov", box("mvhd", Buffer.alloc(100)), udta)]],
    ["moov/udta before the media", "mp4", [brand("isom"), box("moov", udta), box("mdat", Buffer.alloc(9))]],
    ["a uuid box", "mp4", [brand("isom"), box("uuid", uuid, packet), box("moov")]],
    ["a uuid box with a size of 64 bits", "mp4", [brand("isom"), large, uuid, packet]],
  ])("XMP in %s", async (_, kind, boxes) => {
    const { provenance } = await read(`xmp.${kind}`, Buffer.concat(boxes));
    expect(provenance).toMatchObject({ declares: "generated", signed: false, notRead: [] });
    expect(provenance.evidence).toMatchObject([{ kind: "xmp" }]);
  });

  test("XMP of 9 MB in moov/udta is not read, and a `udta` elsewhere is none of it", async () => {
    const huge = box("XMP_", Buffer.alloc(9 << 20, " "));
    const long = await read("long.mov", Buffer.concat([brand("qt  "), box("moov", box("udta", huge))]));
    expect(long.provenance.notRead).toHaveLength(1);
    const other = await read(
      "other.mov",
      Buffer.concat([brand("qt  "), udta, box("moov", box("trak", udta))]),
    );
    expect(other.provenance).toMatchObject({ declares: null, evidence: [], notRead: [] });
  });

  test("comments of a JPEG, before and without other metadata", async () => {
    const comment = (text: string) => {
      const segment = Buffer.from(`\xff\xfe\0\0${text}`, "latin1");
      segment.writeUInt16BE(text.length + 2, 2);
      return segment;
    };
    const jpeg = await picture().jpeg().toBuffer();
    const withComment = (text: string) =>
      Buffer.concat([jpeg.subarray(0, 2), comment(text), jpeg.subarray(2)]);
    const settings = "a woman\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 512x512";
    const { provenance } = await read("comment.jpg", withComment(settings));
    expect(provenance).toMatchObject({ declares: "generated", signed: false });
    expect(provenance.evidence).toMatchObject([{ kind: "text", where: "text:Comment" }]);
    const saved = await read("saved.jpg", withComment("CREATOR: gd-jpeg v1.0"));
    expect(saved.provenance).toMatchObject({
      declares: null,
      evidence: [{ value: "CREATOR: gd-jpeg v1.0" }],
    });
    // A comment whose length leads past the end.
    const cut = await read("cut.jpg", Buffer.from("\xff\xd8\xff\xfe\xff\xffSteps: 20, Seed: 1", "latin1"));
    expect(cut.provenance).toMatchObject({ declares: "generated", signed: false });
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
