import { expect, it } from "vitest";
import { StderrReport } from "../../src/media/stderr-report.ts";

it("frames come in order, before or after they are asked for", async () => {
  const report = new StderrReport();
  const line = (pts: string) =>
    `[Parsed_showinfo_3 @ 0x55d] [info] n:   0 pts: ${pts} pts_time:0.04 pos: 1 fmt:rgb24 sar:1/1 s:64x48 i:P iskey:1`;
  report.push(line("40000"));
  report.push(line("NOPTS"));
  expect(await report.nextFrame()).toEqual({ timeSec: 0.04, width: 64, height: 48 });
  expect((await report.nextFrame())?.timeSec).toBeNull();
  const next = report.nextFrame();
  report.push(line("-80000"));
  expect((await next)?.timeSec).toBe(-0.08);
});

it("who waits when ffmpeg ends gets null", async () => {
  const report = new StderrReport();
  const next = report.nextFrame();
  report.close();
  expect([await next, await report.nextFrame()]).toEqual([null, null]);
});

it("errors are counted and the first is kept", () => {
  const report = new StderrReport();
  report.push("[info]     title           : [h264 @ 0x1] [error] a tag, not an error");
  report.push("[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] [error] stream 0, offset 0x30: partial file.");
  report.push("[error] Error while decoding stream #0:0");
  expect([report.firstError, report.errorCount]).toEqual(["stream 0, offset 0x30: partial file", 2]);
});
