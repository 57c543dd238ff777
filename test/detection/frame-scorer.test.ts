import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FrameScorer } from "../../src/detection/frame-scorer.ts";
import type { FrameObservation, Picture } from "../../src/faces/index.ts";
import type { Frame } from "../../src/media/index.ts";
import { defaultModelDir } from "../../src/networks/index.ts";
import { nativeMissing } from "../engine/backends.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

let scorer: FrameScorer;
let portrait: Picture;

beforeAll(async () => {
  portrait = await readPortrait();
  scorer = await FrameScorer.open({ modelDir: defaultModelDir, backend: "wasm", workers: 1 });
});
afterAll(() => scorer.close());

/** A frame that shares no memory with the picture. */
const frameOf = ({ width, height, data }: Picture, index = 0): Frame => ({
  index,
  timeSec: index / 25,
  width,
  height,
  data: data.slice(),
});

async function observe(frame: Frame, by = scorer): Promise<FrameObservation> {
  return (await by.score(frame)).observation;
}

describe("FrameScorer", () => {
  test("says which model and backend its threads use", () => {
    expect(scorer.manifest.name).toBe("face");
    expect(scorer.backend).toEqual({ name: "wasm", detail: "WebAssembly with SIMD", passedOver: [] });
    expect(scorer.workers).toBe(1);
  });

  test("finds the portrait's face and gives it an authenticity in [0, 1]", async () => {
    const { faces, ...rest } = await observe(frameOf(portrait, 7));
    expect(rest).toEqual({
      index: 7,
      timeSec: 7 / 25,
      width: 512,
      height: 512,
      facesLeftOut: 0,
      error: null,
    });
    expect(faces).toHaveLength(1);
    const [face] = faces;
    for (const [i, value] of face!.box.entries()) expect(Math.abs(value - portraitFace[i]!)).toBeLessThan(4);
    expect(face!.authenticity).toBeGreaterThanOrEqual(0);
    expect(face!.authenticity).toBeLessThanOrEqual(1);
    expect(face!.unscored).toBeNull();
    expect(face!.confidence).toBeGreaterThan(0.8);
    expect(face!.thumbnail).toHaveLength(192);
  });

  test("the same frame gives the same observation", async () => {
    expect(await observe(frameOf(portrait))).toEqual(await observe(frameOf(portrait)));
  });

  test("a face that is too small is reported and not scored", async () => {
    const small = await readPortrait((image) => image.resize(200));
    const { faces, error } = await observe(frameOf(small));
    expect(error).toBeNull();
    expect(faces).toHaveLength(1);
    expect(Math.min(faces[0]!.box[2], faces[0]!.box[3])).toBeLessThan(scorer.manifest.minFacePx);
    expect(faces[0]).toMatchObject({ authenticity: null, unscored: "too-small" });
  });

  test("a frame without a face gives none", async () => {
    const blank = { width: 320, height: 180, data: new Uint8Array(320 * 180 * 3) };
    expect(await observe(frameOf(blank))).toMatchObject({ faces: [], error: null });
  });

  test("a bad frame says why and the next one is scored", async () => {
    const frame = { ...frameOf(portrait, 3), data: null as unknown as Uint8Array };
    const { error, ...rest } = await observe(frame);
    expect(rest).toEqual({ index: 3, timeSec: 3 / 25, width: 512, height: 512, faces: [] });
    expect(error).toMatch(/./);
    expect((await observe(frameOf(portrait, 4))).faces).toHaveLength(1);
  });

  test("a frame that is a window on larger memory is scored like any other", async () => {
    const memory = new Uint8Array(portrait.data.length + 3);
    memory.set(portrait.data, 3);
    const frame = { ...frameOf(portrait), data: memory.subarray(3) };
    const whole = await observe(frameOf(portrait));
    expect(await observe(frame)).toEqual(whole);
    expect(frame.data).toHaveLength(portrait.data.length);
  });

  test.skipIf(nativeMissing !== null)("tensorflow gives what wasm gives within 0.001", async () => {
    const native = await FrameScorer.open({ modelDir: defaultModelDir, backend: "tensorflow", workers: 1 });
    try {
      const [a, b] = [await observe(frameOf(portrait), native), await observe(frameOf(portrait))];
      expect(native.backend.name).toBe("tensorflow");
      expect(Math.abs(a.faces[0]!.authenticity! - b.faces[0]!.authenticity!)).toBeLessThan(1e-3);
    } finally {
      await native.close();
    }
  });

  test("does not open without a model, and says so in the model's own words", async () => {
    const modelDir = mkdtempSync(join(tmpdir(), "telltale-no-model-"));
    const open = FrameScorer.open({ modelDir, backend: "cpu", workers: 1 });
    await expect(open).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected a model folder with a manifest.json at ${modelDir}, but there is none. \`telltale models\` lists the models that are here.`,
    });
    rmSync(modelDir, { recursive: true });
  });

  test("scores nothing once it is closed", async () => {
    const closed = await FrameScorer.open({ modelDir: defaultModelDir, backend: "wasm", workers: 1 });
    await closed.close();
    await expect(closed.score(frameOf(portrait))).rejects.toMatchObject({
      code: "ABORTED",
      message: "The worker pool was closed before this job ended.",
    });
  });
});
