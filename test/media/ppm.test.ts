import fc from "fast-check";
import { expect, it } from "vitest";
import { type Picture, readPictures } from "../../src/media/ppm.ts";

async function read(chunks: readonly Buffer[]): Promise<Picture[]> {
  const all: Picture[] = [];
  const stream = async function* () {
    yield* chunks;
  };
  for await (const picture of readPictures(stream())) all.push(picture);
  return all;
}

const ppm = (width: number, height: number, value: number) =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, value)]);

it("pictures come out whole wherever the stream is cut", async () => {
  // 10 and 32 are white space, which must not be taken for a header's.
  const stream = Buffer.concat([ppm(3, 2, 10), ppm(5, 4, 32), ppm(1, 1, 80)]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: stream.length })), async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const chunks = ends.slice(1).map((end, i) => stream.subarray(ends[i], end));
      const pictures = await read(chunks);
      expect(pictures.map(({ width, height, data }) => [width, height, data.length, data[0]])).toEqual([
        [3, 2, 18, 10],
        [5, 4, 60, 32],
        [1, 1, 3, 80],
      ]);
    }),
  );
});

it("a picture that is cut short is dropped", async () => {
  const pictures = await read([ppm(3, 2, 7), ppm(3, 2, 8).subarray(0, 20)]);
  expect(pictures).toHaveLength(1);
});

it("anything else is refused", async () => {
  await expect(read([Buffer.alloc(100, 65)])).rejects.toThrow(
    "ffmpeg gave something other than PPM pictures",
  );
});
