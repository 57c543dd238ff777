import fc from "fast-check";
import { expect, test } from "vitest";
import { OffsetIndex } from "../../src/audit/offset-index.ts";

test("an index says what a map says, as it grows and entries are replaced", () => {
  const hash = fc.uint8Array({ minLength: 8, maxLength: 32 });
  // Few different keys, so that some come again, and some that start alike but for the last of the first 64 bits.
  const key = fc.oneof(
    hash,
    fc.integer({ min: 0, max: 5 }).map((last) => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, last])),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 3000 }), (entries) => {
      const index = new OffsetIndex();
      const map = new Map<string, number>();
      for (const [bytes, offset] of entries) {
        index.set(bytes, offset);
        map.set(Buffer.from(bytes.subarray(0, 8)).toString("hex"), offset);
      }
      expect(index.size).toBe(map.size);
      for (const [hex, offset] of map) expect(index.get(Buffer.from(hex, "hex"))).toBe(offset);
      expect(index.get(Uint8Array.from([9, 9, 9, 9, 9, 9, 9, 9]))).toBe(map.get("0909090909090909") ?? null);
    }),
    { numRuns: 30 },
  );
});

test("offsets beyond four gigabytes are kept", () => {
  const index = new OffsetIndex();
  index.set(new Uint8Array(8), 2 ** 40 + 1);
  expect(index.get(new Uint8Array(8))).toBe(2 ** 40 + 1);
});
