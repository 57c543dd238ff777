import { expect, test } from "vitest";
import { SharedSlots } from "../../src/detection/shared-slots.ts";

test("a slot holds the bytes where every thread sees them, and is used again once it is released", () => {
  const slots = new SharedSlots(1);
  const first = slots.fill(Uint8Array.of(1, 2, 3, 4));
  const second = slots.fill(Uint8Array.of(5, 6));
  expect([...first.data, ...second.data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(first.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  first.release();
  second.release();
  const third = slots.fill(Uint8Array.of(7, 8, 9));
  expect(third.data.buffer).toBe(first.data.buffer);
  expect([...third.data]).toEqual([7, 8, 9]);
});

test("a slot that is too small makes room for a larger one", () => {
  const slots = new SharedSlots(1);
  slots.fill(Uint8Array.of(1)).release();
  const large = slots.fill(Uint8Array.of(1, 2, 3));
  expect([...large.data]).toEqual([1, 2, 3]);
  large.release();
  expect(slots.fill(Uint8Array.of(4)).data.buffer).toBe(large.data.buffer);
});
