import { describe, expect, it } from "vitest";
import { filterGraph, fitInside } from "../../src/media/filter-graph.ts";
import { probe } from "../../src/media/index.ts";
import { fixture } from "./support/clips.ts";

describe("filterGraph", () => {
  it("selects before it scales and converts", async () => {
    const info = await probe(fixture("authentic.mp4"));
    const options = { select: "1", filter: undefined, maxSidePx: 320, hasZscale: true, hasFixedSize: true };
    expect(filterGraph(info, options)).toBe(
      "select='1',settb=1/1000000,scale=320:240:flags=area:in_color_matrix=bt601,format=rgb24,setsar=1,showinfo",
    );
  });

  it("maps the tones of HDR where zscale is there, and leaves them where not", async () => {
    const info = await probe(fixture("hdr-pq.mp4"));
    const options = { select: null, filter: undefined, maxSidePx: 1920, hasFixedSize: true };
    expect(filterGraph(info, { ...options, hasZscale: true })).toContain("tonemap=mobius");
    expect(filterGraph(info, { ...options, hasZscale: false })).toBe(
      "settb=1/1000000,scale=320:240:flags=bicubic,format=rgb24,setsar=1,showinfo",
    );
  });
});

describe("fitInside", () => {
  it("keeps the shape, never enlarges and never reaches 0", () => {
    expect(fitInside({ width: 4000, height: 3000 }, 1920)).toEqual({ width: 1920, height: 1440 });
    expect(fitInside({ width: 30, height: 40 }, 1920)).toEqual({ width: 30, height: 40 });
    expect(fitInside({ width: 5000, height: 1 }, 100)).toEqual({ width: 100, height: 1 });
  });
});
