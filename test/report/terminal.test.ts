import { describe, expect, test } from "vitest";
import type { Detection } from "../../src/detection/detection.ts";
import { reportFile } from "../../src/report/json.ts";
import { verdictSentence } from "../../src/report/sentence.ts";
import { formatTerminal } from "../../src/report/terminal.ts";
import { terminalStyle, wrap } from "../../src/report/terminal-style.ts";
import { drawTimeline } from "../../src/report/timeline.ts";
import { sampleDetection, sampleFrame, sampleTrack } from "./sample.ts";

const plain = { columns: 80, hasColor: false, hasUnicode: true };
const report = (changes: Partial<Detection> = {}) => reportFile(sampleDetection(changes));

describe("formatTerminal", () => {
  test("shows verdict, timeline, threshold, coverage and model", () => {
    expect(formatTerminal(report(), plain)).toBe(
      [
        "clip.mp4",
        "  FORGED        The face in this video looks forged.",
        "                Authenticity 0.03 (0 = forged, 1 = authentic): a likelihood, not",
        "                a proof.",
        "",
        "  face 1        ▁▁▁▁  0.03",
        "                0:00 0:01",
        "",
        "  threshold     Forged below 0.40, authentic above 0.60. Of authentic files held",
        "                out, 5% were called forged.",
        "  coverage      Looked at 4 frames: 4 with a face, 4 scored, 0 failed.",
        "  model         face 1.0.0 (abababababab) on wasm",
        "",
      ].join("\n"),
    );
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

  test("is red below the threshold, green above, yellow between", () => {
    const three = report({ frames: [sampleFrame(0, [0]), sampleFrame(1, [0.5]), sampleFrame(2, [1])] });
    expect(drawTimeline(three, 1, 9, { ...plain, hasColor: true })).toBe(
      "\u001b[31m▁\u001b[0m\u001b[33m▅\u001b[0m\u001b[32m█\u001b[0m",
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

describe("verdictSentence", () => {
  const two = { tracks: [sampleTrack(1, 0.9, 4), sampleTrack(2, 0.1, 4)], decidingTrack: 2 };
  const image = { file: { ...sampleDetection().file, kind: "image" as const } };
  const unknown = (reason: Detection["reason"]) => ({ verdict: "inconclusive" as const, reason });
  test.each<[Partial<Detection>, string]>([
    [{}, "The face in this video looks forged."],
    [two, "Face 2 of 2 in this video looks forged."],
    [{ ...image, verdict: "authentic" }, "The face in this image looks authentic."],
    [{ ...two, verdict: "authentic" }, "None of the 2 faces in this video looks forged."],
    [unknown("no-face"), "No face was found in this video, so nothing can be said about it."],
    [unknown("face-too-small"), "The faces in this video are too small to judge; a larger copy may help."],
    [
      unknown("too-few-frames"),
      "No face was seen in enough frames to judge this video; look at more of them (--frames or --fps).",
    ],
    [unknown("near-threshold"), "The face in this video looks neither clearly authentic nor clearly forged."],
    [
      unknown("too-compressed"),
      "No trace of a forgery was found, but this video is compressed so strongly that none need be left; find a copy closer to the original.",
    ],
    [
      unknown("frames-failed"),
      "Not one frame of this video could be read and scored, so nothing can be said about it.",
    ],
  ])("%#: a layman's sentence", (changes, sentence) => {
    expect(verdictSentence(report(changes))).toBe(sentence);
  });
});

test("wrap breaks between words and indents", () => {
  expect(wrap("one two three four", 12, 2)).toBe("one two\n  three four");
});
