import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteReader } from "../../src/media/byte-reader.ts";

function reader(chunks: readonly Buffer[]): ByteReader {
  return new ByteReader(
    (async function* () {
      yield* chunks;
    })(),
  );
}

it("pieces come out whole wherever the stream is cut", async () => {
  const stream = Buffer.from([...Array(39).keys()]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: stream.length })), async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const bytes = reader(ends.slice(1).map((end, i) => stream.subarray(ends[i], end)));
      for (const [length, first] of [
        [18, 0],
        [20, 18],
        [1, 38],
      ] as const) {
        const piece = await bytes.read(length);
        expect([piece?.length, piece?.[0]]).toEqual([length, first]);
      }
      expect(await bytes.hasMore()).toBe(false);
    }),
  );
});

it("a piece that is cut short is dropped", async () => {
  expect(await reader([Buffer.alloc(20)]).read(21)).toBeNull();
});
