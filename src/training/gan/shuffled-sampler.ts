import { type Random, seededRandom } from "../../engine/index.ts";

/**
 * Samples the images of each step, reshuffled every epoch. The order is a function of seed and step, so a resumed run
 * continues in the same order.
 */
export class ShuffledSampler {
  readonly #count: number;
  readonly #options: { readonly seed: number; readonly batch: number };
  #epoch = -1;
  #shuffled: number[] = [];

  constructor(count: number, options: { seed: number; batch: number }) {
    this.#count = count;
    this.#options = options;
  }

  /** Indices in [0, count), `batch` of them. */
  at(step: number): number[] {
    const { batch } = this.#options;
    return Array.from({ length: batch }, (_, i) => this.#nth(step * batch + i));
  }

  #nth(n: number): number {
    const epoch = Math.floor(n / this.#count);
    if (epoch !== this.#epoch) {
      this.#shuffled = shuffle(this.#count, seededRandom(this.#options.seed, epoch, ORDER));
      this.#epoch = epoch;
    }
    return this.#shuffled[n % this.#count]!;
  }
}

/** Distinguishes this use of the seed. */
const ORDER = 0x0bde;

/** Fisher & Yates 1938. */
function shuffle(count: number, random: Random): number[] {
  const list = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
