import { describe, expect, test } from "vitest";
import { reportFailure, reportFile } from "../../src/report/json.ts";
import { fileReportSchema, type Report } from "../../src/report/schema.ts";
import { adviceSentence, scoreSentence, showScore, verdictSentence } from "../../src/report/sentences.ts";
import { formatClosing, formatTerminal } from "../../src/report/terminal.ts";
import { terminalStyle, wrap } from "../../src/report/terminal-style.ts";
import { drawTimeline } from "../../src/report/timeline.ts";
import { reasonWords, verdictWords } from "../../src/report/words.ts";
import type { Detection } from "../../src/types/detection.ts";
import { sampleDetection, sampleFrame, sampleTrack } from "./sample.ts";

const plain = { columns: 80, hasColor: false, hasUnicode: true };
const report = (changes: Partial<Detection> = {}) => reportFile(sampleDetection(changes));

describe("formatTerminal", () => {
  test("shows the finding, the timeline, coverage and model", () => {
    const text = formatTerminal(report(), plain);
    const lines = text.split("\n");
    expect(lines.slice(0, 2)).toEqual(["clip.mp4", `  ${verdictWords.forged}`]);
    expect(text.replace(/\s+/g, " ")).toContain(`${verdictSentence(report())} Authenticity 0.03 `);
    expect(lines.slice(-7)).toEqual([
      "",
      "  face 1        ▁▁▁▁  0.03",
      "                0:00 0:01",
      "",
      "  coverage      Analyzed 4 frames: 4 with a face, 4 scored, 0 failed.",
      "  model         face 1.0.0 (abababababab) on wasm",
      "",
    ]);
  });

  test("no code of the JSON is shown: every reason has words", () => {
    for (const reason of fileReportSchema.shape.reason.unwrap().options) {
      const shown = formatTerminal(report({ verdict: "inconclusive", reason }), plain);
      expect(shown).toContain(`${verdictWords.inconclusive}: ${reasonWords[reason]}`);
      if (reason.includes("-")) expect(shown).not.toContain(reason);
      expect(shown).not.toContain("INCONCLUSIVE");
    }
  });

  test("a warning has a line", () => {
    expect(formatTerminal(report({ warnings: ["The file is cut short."] }), plain)).toContain(
      "\n  warning       The file is cut short.\n",
    );
  });

  test("no line is wider than the terminal", () => {
    const frames = Array.from({ length: 200 }, (_, i) => sampleFrame(i, [0.9, 0.1]));
    const tracks = [sampleTrack(1, 0.9, 200), sampleTrack(2, 0.1, 200)];
    for (const columns of [40, 72, 100, 160]) {
      const lines = formatTerminal(report({ frames, tracks, decidingTrack: 2 }), { ...plain, columns }).split(
        "\n",
      );
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  test("of many faces the eight most forged ones are shown", () => {
    const tracks = Array.from({ length: 11 }, (_, i) => sampleTrack(i + 1, (11 - i) / 12, 4));
    const text = formatTerminal(report({ tracks, decidingTrack: 11 }), plain);
    expect(text.match(/face \d+ /g)).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map((id) => `face ${id} `));
    expect(text).toContain("and 3 more, none of them more forged");
  });

  test("a file's name cannot steer the terminal", () => {
    const file = { ...sampleDetection().file, path: "\u001b[2Jclip\u202e.mp4" };
    expect(formatTerminal(report({ file }), plain)).toMatch(/^\?\[2Jclip\?\.mp4\n/);
  });
});

describe("drawTimeline", () => {
  const frames = [0, 0.2, 0.5, 0.8, 1].map((authenticity, i) => sampleFrame(i, [authenticity]));
  const mixed = report({ frames: [...frames, sampleFrame(5, []), sampleFrame(6, [null])] });

  test("rises from forged to authentic, with marks for no face and for a face too small", () => {
    expect(drawTimeline(mixed, 1, 60, plain)).toBe("▁▂▅▇█·?");
  });

  test("is digits where there is no UTF-8", () => {
    expect(drawTimeline(mixed, 1, 60, { ...plain, hasUnicode: false })).toBe("02589.?");
  });

  test("shows the lowest of several frames when they do not all fit", () => {
    expect(drawTimeline(report({ frames: frames.slice(0, 4) }), 1, 2, plain)).toBe("▁▅");
  });

  test("is red below the threshold, cyan above, yellow between", () => {
    const three = report({ frames: [sampleFrame(0, [0]), sampleFrame(1, [0.5]), sampleFrame(2, [1])] });
    expect(drawTimeline(three, 1, 9, { ...plain, hasColor: true })).toBe(
      "\u001b[31m▁\u001b[0m\u001b[33m▅\u001b[0m\u001b[36m█\u001b[0m",
    );
  });
});

describe("terminalStyle", () => {
  const terminal = { isTTY: true, columns: 120 };

  test("has colour on a terminal only, and not with NO_COLOR or a dumb terminal", () => {
    expect(terminalStyle(terminal, {}).hasColor).toBe(true);
    expect(terminalStyle({ isTTY: false }, {}).hasColor).toBe(false);
    expect(terminalStyle(terminal, { NO_COLOR: "1" }).hasColor).toBe(false);
    expect(terminalStyle(terminal, { TERM: "dumb" }).hasColor).toBe(false);
  });

  test("has block characters where the locale is UTF-8", () => {
    expect(terminalStyle(terminal, { LANG: "de_DE.UTF-8" }).hasUnicode).toBe(true);
    expect(terminalStyle(terminal, { LANG: "de_DE.UTF-8", LC_ALL: "C" }).hasUnicode).toBe(false);
    expect(terminalStyle(terminal, {}).hasUnicode).toBe(false);
  });

  test("is as wide as the terminal, and 80 columns without one", () => {
    expect(terminalStyle(terminal, {}).columns).toBe(120);
    expect(terminalStyle({}, {}).columns).toBe(80);
  });
});

describe("formatClosing", () => {
  const threshold = {
    forgedBelow: 0.12,
    authenticAbove: 0.71,
    measuredFpr: 0.0096,
    measuredMissRate: 0.087,
    measuredOn: "1244 real and 988 forged clips",
  };
  const closing = (reports: Report[]) =>
    formatClosing(
      { reports, cardPath: "models/face/README.md", writtenPaths: ["r.json"] },
      { ...plain, columns: 500 },
    );

  test("says the lines and both error rates once for each kind of file, and what was written", () => {
    const video = report({ threshold });
    const image = report({
      threshold: { ...threshold, authenticAbove: 0.68 },
      file: { ...video.file, kind: "image" },
    });
    const lines = closing([video, video, image]).trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain(
      "no sign above 0.71. In tests with the lines for videos, 1 in 100 real files ",
    );
    expect(lines[1]).toContain("9 in 100 forged ones");
    expect(lines[2]).toContain("no sign above 0.68.");
    expect(lines[4]).toBe("Written: r.json");
  });

  test("counts the files by finding, those that failed too", () => {
    const failure = reportFailure("a.mp4", { code: "NOT_MEDIA", message: "No." });
    const few = report({ verdict: "inconclusive", reason: "too-few-frames" });
    expect(closing([report(), report(), few, failure])).toMatch(/^4 files: 2 .*, 1 .*, 1 .*\.\n/);
    expect(closing([report()])).not.toContain("files:");
  });
});

describe("showScore", () => {
  const lines = { forgedBelow: 0.12, authenticAbove: 0.75 };
  test.each([
    [0.5, "0.50"],
    [0.1161, "0.116"],
    [0.7517, "0.752"],
    [0.7501, "0.7501"],
    [0.12, "0.1200"],
  ])("%f has as many digits as tell it from the lines", (score, shown) => {
    expect(showScore(score, lines)).toBe(shown);
  });

  test("a sentence says where a score near a line lies", () => {
    expect(scoreSentence(0.7517, lines)).toContain("0.752, just above the line of 0.750 ");
    expect(scoreSentence(0.1161, lines)).toContain("0.116, just below the line of 0.120 ");
    expect(scoreSentence(0.5, lines)).not.toContain("line");
  });
});

describe("verdictSentence", () => {
  const two = { tracks: [sampleTrack(1, 0.9, 4), sampleTrack(2, 0.1, 4)], decidingTrack: 2 };
  const scores = (...authenticities: number[]) => ({
    tracks: authenticities.map((authenticity, i) => sampleTrack(i + 1, authenticity, 4)),
  });
  test.each<[Partial<Detection>, RegExp]>([
    [{}, /^The face in this video looks forged\.$/],
    [two, /^Face 2 of 2 .* looks forged\.$/],
    [scores(0.1, 0.2), /^Both faces .* look forged\.$/],
    [scores(0.1, 0.2, 0.3), /^All 3 faces .* look forged\.$/],
    [scores(0.1, 0.9, 0.3, 0.9, 0.2), /^3 of 5 faces .* look forged\.$/],
  ])("%#: counts the forged faces", (changes, sentence) => {
    expect(verdictSentence(report(changes))).toMatch(sentence);
  });

  test("a picture is called a picture", () => {
    const image = { file: { ...sampleDetection().file, kind: "image" as const } };
    expect(verdictSentence(report(image))).toContain("this picture");
  });

  test("says near only where the score is near a line", () => {
    const at = (authenticity: number) =>
      verdictSentence(report({ verdict: "inconclusive", reason: "near-threshold", authenticity }));
    expect(at(0.41)).toContain("just above the line");
    expect(at(0.59)).toContain("just below the line");
    expect(at(0.5)).toContain("between the lines");
  });

  test("says how large a face must be, where the model says it", () => {
    const model = { ...sampleDetection().model, minFacePx: 48 };
    const small = { verdict: "inconclusive", reason: "face-too-small" } as const;
    expect(adviceSentence(report({ ...small, model }))).toContain("48 pixels");
  });
});

test("wrap breaks between words and indents", () => {
  expect(wrap("one two three four", 12, 2)).toBe("one two\n  three four");
});
