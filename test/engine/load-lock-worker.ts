import { workerData } from "node:worker_threads";
import { loadInTurn } from "../../src/engine/load-lock.ts";
import { serveJobs } from "../../src/engine/worker-thread.ts";

const [inside, seen] = [new Int32Array(workerData.inside), new Int32Array(workerData.seen)];

// Worker thread: a number of loads -> nothing, Infinity for one without end; `seen` tells the most that were loading at once, and how many did in all.
await serveJobs<number, null, null>(async () => ({
  ready: null,
  async work(loads) {
    if (loads === Number.POSITIVE_INFINITY) {
      loadInTurn(() => {
        for (;;);
      });
    }
    for (let i = 0; i < loads; i++) {
      loadInTurn(() => {
        const now = Atomics.add(inside, 0, 1) + 1;
        if (now > Atomics.load(seen, 0)) Atomics.store(seen, 0, now);
        const end = performance.now() + 2;
        while (performance.now() < end);
        Atomics.sub(inside, 0, 1);
        Atomics.add(seen, 1, 1);
      });
    }
    return { result: null };
  },
}));
