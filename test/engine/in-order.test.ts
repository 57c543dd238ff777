import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapInOrder } from "../../src/engine/in-order.ts";

async function* count(to: number, onTake: (n: number) => void = () => {}): AsyncGenerator<number> {
  for (let n = 0; n < to; n++) {
    onTake(n);
    yield n;
  }
}

test("results come in the stream's order, whichever call ends first", async () => {
  const results: number[] = [];
  for await (const n of mapInOrder(count(8), 3, (n) => sleep(n % 2 ? 1 : 15, n))) results.push(n);
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("no more calls than the limit are under way, and the limit is reached", async () => {
  let underWay = 0;
  let most = 0;
  const mapped = mapInOrder(count(20), 4, async (n) => {
    most = Math.max(most, ++underWay);
    await sleep(3);
    underWay--;
    return n;
  });
  for await (const _ of mapped);
  expect(most).toBe(4);
});

test("a reader that stops takes no more from the stream", async () => {
  let taken = 0;
  for await (const n of mapInOrder(
    count(100, () => taken++),
    2,
    async (n) => n,
  ))
    if (n === 3) break;
  expect(taken).toBe(5);
});

test("an error of one call ends the stream after the others have ended", async () => {
  let ended = 0;
  const mapped = mapInOrder(count(5), 3, async (n) => {
    await sleep(n === 0 ? 1 : 10);
    ended++;
    if (n === 0) throw new Error("frame 0");
    return n;
  });
  await expect(mapped.next()).rejects.toThrow("frame 0");
  expect(ended).toBe(3);
});
