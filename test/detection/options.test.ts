import { describe, expect, test } from "vitest";
import { detectOptionsSchema, resolveSampling } from "../../src/options/detect-options.ts";
import { describeOptions, parseOptions } from "../../src/options/parse-options.ts";

const parse = (values: unknown) => parseOptions(detectOptionsSchema, values);
const sentence = (message: string) =>
  expect.objectContaining({ name: "TelltaleError", code: "USAGE", message });

describe("parseOptions", () => {
  test("no options give the defaults", () => {
    expect(parse({})).toEqual({ backend: "auto", stability: false, provenance: true });
    expect(resolveSampling(parse({}))).toEqual({ frames: 32, fps: null });
    expect(resolveSampling(parse({ fps: 2.5 }))).toEqual({ frames: null, fps: 2.5 });
  });

  test.each([
    [{ frames: 0 }, "Expected a whole number from 1 to 100000 for frames but received 0."],
    [{ frames: 2.5 }, "Expected a whole number from 1 to 100000 for frames but received 2.5."],
    [{ frames: "many" }, 'Expected a whole number from 1 to 100000 for frames but received "many".'],
    [{ frames: Number.NaN }, "Expected a whole number from 1 to 100000 for frames but received NaN."],
    [{ fps: 0 }, "Expected a number above 0, at most 240 for fps but received 0."],
    [{ backend: "cuda" }, 'Expected one of auto, tensorflow, wasm, cpu for backend but received "cuda".'],
    [{ model: "" }, 'Expected a text that is not empty for model but received "".'],
    [{ workers: 65 }, "Expected a whole number from 1 to 64 for workers but received 65."],
    [{ frames: 8, fps: 1 }, "Expected frames or fps but received both; omit one."],
    [{ frame: 8 }, "Expected a known option but received frame; the nearest one is frames."],
    [7, "Expected an object of options but received 7."],
  ])("%j is refused in one sentence", (values, message) => {
    expect(() => parse(values)).toThrow(sentence(message));
  });

  test("options are named the way the caller knows them", () => {
    expect(() => parseOptions(detectOptionsSchema, { frames: 0 }, (option) => `--${option}`)).toThrow(
      sentence("Expected a whole number from 1 to 100000 for --frames but received 0."),
    );
  });
});

test("every option of detect has a description, and a placeholder unless it is a switch", () => {
  const described = describeOptions(detectOptionsSchema);
  expect(Object.keys(described)).toEqual(expect.arrayContaining(["frames", "model", "trustAnchors"]));
  expect(
    Object.values(described).filter((o) => !o.description || (o.type !== "boolean" && !o.placeholder)),
  ).toEqual([]);
});
