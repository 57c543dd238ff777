import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapOrdered } from "../../src/engine/map-ordered.ts";

async function* count(to: number, onTake: (n: number) => void = () => {}): AsyncGenerator<number> {
  for (let n = 0; n < to; n++) {
    onTake(n);
    yield n;
  }
}

test("results come in the stream's order, whichever call ends first", async () => {
  const results: number[] = [];
  for await (const n of mapOrdered(count(8), 3, (n) => sleep(n % 2 ? 1 : 15, n))) results.push(n);
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("no more calls than the limit are under way, and the limit is reached", async () => {
  let underWay = 0;
  let most = 0;
  const mapped = mapOrdered(count(20), 4, async (n) => {
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
  for await (const n of mapOrdered(
    count(100, () => taken++),
    2,
    async (n) => n,
  ))
    if (n === 3) break;
  expect(taken).toBe(5);
});

test("an error of one call ends the stream after the others have ended", async () => {
  let ended = 0;
  const mapped = mapOrdered(count(5), 3, async (n) => {
    await sleep(n === 0 ? 1 : 10);
    ended++;
    if (n === 0) throw new Error("frame 0");
    return n;
  });
  await expect(mapped.next()).rejects.toThrow("frame 0");
  expect(ended).toBe(3);
});

/** A call that ends when it is aborted, and only then. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

test("the calls that are left are aborted when one fails or the reader stops", async () => {
  const failing = mapOrdered(count(5), 3, (n, signal) =>
    n === 0 ? Promise.reject(new Error("frame 0")) : untilAborted(signal),
  );
  await expect(failing.next()).rejects.toThrow("frame 0");
  for await (const n of mapOrdered(count(5), 3, async (n, signal) => (n === 0 ? n : untilAborted(signal)))) {
    expect(n).toBe(0);
    break;
  }
});

test("an aborted signal ends the calls under way with its reason", async () => {
  const stop = new AbortController();
  const mapped = mapOrdered(count(5), 2, (_, signal) => untilAborted(signal), stop.signal);
  const next = mapped.next();
  stop.abort(new Error("the job took too long"));
  await expect(next).rejects.toThrow("the job took too long");
});

test("many calls under way at once print no warning", async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on("warning", hear);
  const results: number[] = [];
  const call = async (n: number, signal: AbortSignal) => {
    signal.addEventListener("abort", () => {});
    return n;
  };
  for await (const n of mapOrdered(count(40), 40, call)) results.push(n);
  await sleep(0);
  process.off("warning", hear);
  expect(results).toHaveLength(40);
  expect(warnings).toEqual([]);
});
