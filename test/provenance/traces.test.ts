import { describe, expect, test } from "vitest";
import { clean, combine, type Statement } from "../../src/provenance/provenance.ts";
import { sourceTypes, sourceTypeTerm } from "../../src/provenance/source-types.ts";
import { readTraces, traces } from "../../src/provenance/traces.ts";

describe("the table of traces", () => {
  test.each(traces.map((row) => [row.where[0]!, row.means, row] as const))("%s: %s", (where, means, row) => {
    expect(row.match.test(row.example)).toBe(true);
    // No row before it takes its example away.
    expect(readTraces([{ where, value: row.example }])).toMatchObject([{ means, declares: row.declares }]);
    expect(row.source.length).toBeGreaterThan(10);
  });

  test("each row is quick on a text made to be slow", () => {
    const slow = ["a", '{"', "Steps: 1", "Job ID: ", " ", '"Label": '].map((part) =>
      part.repeat(100_000 / part.length),
    );
    const began = performance.now();
    for (const { match } of traces) for (const text of slow) match.test(text);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test.each([
    ["exif:Software", "Adobe Photoshop 26.0"],
    ["exif:Make", "Canon"],
    ["container:encoder", "Lavf59.27.100"],
    ["text:Comment", "A walk in Sorrento"],
    ["exif:UserComment", "Steps: 12 to the summit"],
    ["text:prompt", "a question to the reader"],
    ["iptc:Credit", "Image by Pikachu Labs"],
    ["container:comment", '{"Label": "10"}'],
  ])("%s of %j declares nothing", (where, value) => {
    expect(readTraces([{ where, value }]).filter(({ declares }) => declares !== null)).toEqual([]);
  });

  test("a generator that is named as the program is the one that declares", () => {
    expect(readTraces([{ where: "xmp:CreatorTool", value: "Adobe Firefly 3" }])).toMatchObject([
      { declares: "generated", by: "Adobe Firefly", kind: "xmp", signed: false },
    ]);
  });

  test("a source type that the vocabulary does not have is shown and declares nothing", () => {
    const value = "http://example.com/trainedAlgorithmicMedia";
    expect(readTraces([{ where: "xmp:DigitalSourceType", value }])).toMatchObject([
      { declares: null, value },
    ]);
  });
});

test("terms of the vocabulary are found by address and by name, in any case", () => {
  for (const term of Object.keys(sourceTypes)) {
    expect(sourceTypeTerm(`http://cv.iptc.org/newscodes/digitalsourcetype/${term}`)).toBe(term);
    expect(sourceTypeTerm(term.toUpperCase())).toBe(term);
  }
  expect(sourceTypeTerm("constructor")).toBeNull();
  expect(sourceTypeTerm("x".repeat(1e6))).toBeNull();
});

describe("values of files", () => {
  test("are one line without control characters, cut to a length", () => {
    const hostile = `a\u001b[31m\u202eb\u0000\n\r\t\u200bc\u2028${"d".repeat(1000)}`;
    const shown = clean(hostile);
    expect(shown).toHaveLength(200);
    expect(shown.startsWith("a [31m b c ddd")).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u2028\u202e]/);
  });

  test("end before half a character", () => {
    expect(clean("😀".repeat(300), 4)).toBe("😀\ufffd…");
  });
});

describe("what decides where statements disagree", () => {
  const statement = (
    declares: Statement["declares"],
    signed: boolean,
    by: string | null = null,
  ): Statement => ({
    ...{ kind: "c2pa", where: "w", value: "v", means: "m", declares, signed, by },
  });
  const decide = (...statements: Statement[]) => combine([{ credentials: null, statements, notRead: [] }]);

  test("a signed statement counts before one that is not, generation before capture", () => {
    const [unsigned, edited, camera] = [
      statement("generated", false),
      statement("edited-with-generative-ai", true),
      statement("captured", true),
    ];
    expect(decide(unsigned, edited, camera)).toMatchObject({
      declares: "edited-with-generative-ai",
      signed: true,
    });
    expect(decide(camera, unsigned)).toMatchObject({ declares: "generated", signed: false });
    expect(decide(camera)).toMatchObject({ declares: "captured", signed: true });
    expect(decide()).toMatchObject({ declares: null, signed: false, by: null });
  });

  test("a name is taken from statements of the same kind alone", () => {
    const provenance = decide(
      statement("captured", true, "Camera"),
      statement("generated", true),
      statement("generated", true, "Generator"),
    );
    expect(provenance.by).toBe("Generator");
  });

  test("more statements than are kept lose none that decide", () => {
    const many = Array.from({ length: 100 }, () => statement(null, false));
    const provenance = decide(...many, statement("generated", true));
    expect(provenance.evidence).toHaveLength(64);
    expect(provenance.evidence[0]).toMatchObject({ signed: true });
    expect(provenance.notRead).toHaveLength(1);
  });
});
