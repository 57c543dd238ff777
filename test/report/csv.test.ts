import { describe, expect, test } from "vitest";
import { csvColumns, formatCsv } from "../../src/report/csv.ts";
import { reportFailure, reportFile } from "../../src/report/json.ts";
import { sampleDetection, sampleFrame } from "./sample.ts";

function named(path: string) {
  return reportFile(
    sampleDetection({ file: { ...sampleDetection().file, path }, frames: [sampleFrame(0, [])] }),
  );
}

describe("formatCsv", () => {
  test("the columns are these, in this order", () => {
    expect(csvColumns.join(",")).toBe(
      "path,verdict,reason,fileAuthenticity,frame,timeSec,track,x,y,width,height,authenticity,unscored,error,declares",
    );
  });

  test("each face of each frame has a row, a frame without faces one row, a failed file one row", () => {
    const failedFrame = { ...sampleFrame(2, []), error: "No." };
    const frames = [sampleFrame(0, [0.03, null]), sampleFrame(1, []), failedFrame];
    const csv = formatCsv([
      reportFile(sampleDetection({ frames })),
      reportFailure("gone.mp4", { code: "FILE_MISSING", message: "Not there." }),
    ]);
    expect(csv.split("\r\n")).toEqual([
      csvColumns.join(","),
      "clip.mp4,forged,,0.0312,0,0,1,100,50,120,130,0.03,,,",
      "clip.mp4,forged,,0.0312,0,0,2,400,50,120,130,,too-small,,",
      "clip.mp4,forged,,0.0312,1,0.5,,,,,,,,,",
      "clip.mp4,forged,,0.0312,2,1,,,,,,,,No.,",
      "gone.mp4,,,,,,,,,,,,,FILE_MISSING: Not there.,",
      "",
    ]);
  });

  test("a comma, a quote and a line break are quoted as RFC 4180 has it", () => {
    expect(formatCsv([named('a,"b"\nc.mp4')])).toContain('"a,""b""\nc.mp4",forged');
  });

  test.each(["=1+1.mp4", "+1.mp4", "-1.mp4", "@SUM.mp4", "\tx.mp4"])(
    "%j is no formula to a spreadsheet",
    (path) => {
      expect(formatCsv([named(path)])).toContain(`\r\n'${path},forged`);
    },
  );

  test("a negative number stays a number", () => {
    const frame = sampleFrame(0, [0.5]);
    const outside = { ...frame, faces: [{ ...frame.faces[0]!, box: [-5, -6.5, 10, 10] as const }] };
    expect(formatCsv([reportFile(sampleDetection({ frames: [outside] }))])).toContain(
      ",1,-5,-6.5,10,10,0.5,",
    );
  });
});

test("control characters of a name are written out, and a line break is quoted", () => {
  const csv = formatCsv([named("a\u001b[31m\u009b2J\u202eb\u0000\r\n.mp4")]);
  expect(csv).toContain('"a\\u001b[31m\\u009b2J\\u202eb\\u0000\\u000d\n.mp4",forged');
});
