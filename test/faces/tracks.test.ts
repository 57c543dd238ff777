import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkTracks, MAX_FRAMES_AWAY } from "../../src/faces/tracks.ts";
import type { BoxPx, FaceObservation, FrameObservation } from "../../src/faces/types.ts";

/** A person's look: 192 values that depend on nothing but the seed. */
function look(seed: number): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length: 192 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function face(x: number, person: number, { y = 100, side = 100 } = {}): FaceObservation {
  const box: BoxPx = [x, y, side, side];
  return { box, confidence: 0.9, authenticity: 0.5, unscored: null, thumbnail: look(person) };
}

function frame(
  index: number,
  faces: readonly FaceObservation[],
  error: string | null = null,
): FrameObservation {
  return { index, timeSec: index / 2, width: 1280, height: 720, faces, error };
}

/** `[frame, x]` of each sighting of each track. */
function places(frames: readonly FrameObservation[]): [number, number][][] {
  return linkTracks(frames).map((track) => track.points.map((s) => [s.frameIndex, s.face.box[0]]));
}

describe("linkTracks", () => {
  test("no frames give no tracks", () => {
    expect(linkTracks([])).toEqual([]);
  });

  test("two people side by side are two tracks, the left one first", () => {
    const frames = [0, 1, 2].map((i) => frame(i, [face(600 + i, 2), face(200 + i, 1)]));
    expect(places(frames)).toEqual([
      [
        [0, 200],
        [1, 201],
        [2, 202],
      ],
      [
        [0, 600],
        [1, 601],
        [2, 602],
      ],
    ]);
  });

  test("two people who swap places keep their tracks", () => {
    const frames = [
      frame(0, [face(200, 1), face(600, 2)]),
      frame(1, [face(350, 1), face(450, 2)]),
      frame(2, [face(200, 2), face(600, 1)]),
    ];
    expect(places(frames)).toEqual([
      [
        [0, 200],
        [1, 350],
        [2, 600],
      ],
      [
        [0, 600],
        [1, 450],
        [2, 200],
      ],
    ]);
  });

  test("a person who walks across the picture between two frames is one track", () => {
    expect(places([frame(0, [face(0, 1)]), frame(1, [face(1000, 1)])])).toEqual([
      [
        [0, 0],
        [1, 1000],
      ],
    ]);
  });

  test("a cut to another person at another place starts a new track", () => {
    const frames = [frame(0, [face(100, 1)]), frame(1, [face(800, 2)])];
    expect(places(frames)).toEqual([[[0, 100]], [[1, 800]]]);
  });

  test("a cut to another person at the same place starts a new track", () => {
    const frames = [frame(0, [face(400, 1)]), frame(1, [face(400, 2)])];
    expect(places(frames)).toEqual([[[0, 400]], [[1, 400]]]);
  });

  test.each([
    ["stays put", 0, 27, 1],
    ["stays put", 0, 29, 2],
    ["moves far", 900, 17, 1],
    ["moves far", 900, 19, 2],
  ])("a face that %s (by %i px) and changes by %i levels makes tracks: %i", (_, movedPx, levels, count) => {
    const grey = (level: number) => ({ thumbnail: new Uint8Array(192).fill(level) });
    const before = { ...face(100, 1), ...grey(100) };
    const after = { ...face(100 + movedPx, 1), ...grey(100 + levels) };
    expect(linkTracks([frame(0, [before]), frame(1, [after])]).length).toBe(count);
  });

  test("a face that is away for three frames comes back to its track, for four to a new one", () => {
    const away = (n: number) => [
      frame(0, [face(400, 1)]),
      ...Array.from({ length: n }, (_, i) => frame(i + 1, [])),
      frame(n + 1, [face(420, 1)]),
    ];
    expect(MAX_FRAMES_AWAY).toBe(3);
    expect(places(away(3))).toEqual([
      [
        [0, 400],
        [4, 420],
      ],
    ]);
    expect(places(away(4))).toEqual([[[0, 400]], [[5, 420]]]);
  });

  test("frames that could not be scored do not count as away", () => {
    const frames = [
      frame(0, [face(400, 1)]),
      ...Array.from({ length: 9 }, (_, i) => frame(i + 1, [], "The frame could not be scored.")),
      frame(10, [face(400, 1)]),
    ];
    expect(places(frames)).toEqual([
      [
        [0, 400],
        [10, 400],
      ],
    ]);
  });

  test("the cheapest assignment of all faces together wins over the nearest pair", () => {
    // One look for all, so place decides. Greedy would take 300 -> 260 first and leave 200 with 360.
    const frames = [frame(0, [face(200, 1), face(300, 1)]), frame(1, [face(260, 1), face(360, 1)])];
    expect(places(frames)).toEqual([
      [
        [0, 200],
        [1, 260],
      ],
      [
        [0, 300],
        [1, 360],
      ],
    ]);
  });

  const anyFace = fc
    .record({
      x: fc.integer({ min: -50, max: 1280 }),
      y: fc.integer({ min: -50, max: 720 }),
      side: fc.integer({ min: 0, max: 400 }),
      person: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ x, y, side, person }) => face(x, person, { y, side }));
  const anyFrames = fc
    .array(fc.array(anyFace, { maxLength: 5 }), { maxLength: 12 })
    .map((all) => all.map((faces, index) => frame(index, faces)));

  test("every face is in exactly one track", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const linked = linkTracks(frames).flatMap((track) => track.points.map((s) => s.face));
        expect(new Set(linked).size).toBe(linked.length);
        expect(new Set(linked)).toEqual(new Set(frames.flatMap((f) => f.faces)));
      }),
    );
  });

  test("a track has at most one face a frame, in order, with gaps of at most three frames", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        for (const { points } of linkTracks(frames)) {
          const steps = points.slice(1).map((s, i) => s.frameIndex - points[i]!.frameIndex);
          expect(steps.every((step) => step >= 1 && step <= MAX_FRAMES_AWAY + 1)).toBe(true);
        }
      }),
    );
  });

  test("ids count from 1 in order of first appearance", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const tracks = linkTracks(frames);
        expect(tracks.map((track) => track.id)).toEqual(tracks.map((_, i) => i + 1));
        const firsts = tracks.map((track) => track.points[0]!.frameIndex);
        expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      }),
    );
  });

  test("the same frames give the same tracks", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        expect(linkTracks(structuredClone(frames))).toEqual(linkTracks(frames));
      }),
    );
  });
});
