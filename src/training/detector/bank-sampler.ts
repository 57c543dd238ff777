import { seededRandom } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import type { StoredFace } from "../crop-store.ts";
import { classOfForged, synthesisedSources } from "./batch-plan.ts";
import { type BatchSource, CLASSES, type StatisticsBatch } from "./batch-source.ts";
import type { FeatureBank } from "./feature-bank.ts";

/** Pairs that are read at once. */
const PAIRS_AT_ONCE = 1024;

/** Statistics of faces, and which of these a generator made whole. */
export interface SynthesisRows {
  /** float32 [N, F]. */
  readonly statistics: Float32Array;
  /** [N]. */
  readonly isSynthesised: readonly boolean[];
}

/** Batches of whole pairs out of a bank, each a function of seed and step. */
export class BankSampler implements BatchSource {
  waitedMs = 0;
  readonly #bank: FeatureBank;
  readonly #faces: readonly StoredFace[];
  readonly #seed: number;
  readonly #pairsPerBatch: number;
  /** Pairs that may be drawn: positions of their real rows. */
  readonly #pairs: readonly number[];

  /**
   * @param options.exclude generators, or whole sources, whose faces are left out, and with them their partners
   * @param options.withSelfBlends false leaves the self-blends out
   * @throws TelltaleError `DATA_INVALID` when nothing is left
   */
  constructor(
    bank: FeatureBank,
    faces: readonly StoredFace[],
    options: { seed: number; batchSize: number; exclude: readonly string[]; withSelfBlends?: boolean },
  ) {
    const excluded = new Set(options.exclude);
    const isOut = (index: number) => {
      const { source, generator } = faces[index]!;
      return excluded.has(source) || excluded.has(generator);
    };
    this.#bank = bank;
    this.#faces = faces;
    this.#seed = options.seed;
    this.#pairsPerBatch = options.batchSize / 2;
    this.#pairs = bank.rows.flatMap(({ isReal, slot }, row) => {
      if (!isReal || isOut(slot.real)) return [];
      if (slot.kind === "self-blend") return options.withSelfBlends === false ? [] : [row];
      return isOut(slot.fake) ? [] : [row];
    });
    if (this.#pairs.length === 0) {
      throw new TelltaleError(
        "DATA_INVALID",
        `Expected faces to train on, but --exclude and --validate-on leave none: ${options.exclude.join(", ")}.`,
      );
    }
  }

  async take(step: number): Promise<StatisticsBatch> {
    const random = seededRandom(this.#seed, step, -2);
    const pairs = Array.from({ length: this.#pairsPerBatch }, () => random.pick(this.#pairs));
    return this.#read(pairs);
  }

  /** The first pairs, for what is usual of them. */
  async first(pairs: number): Promise<StatisticsBatch> {
    return this.#read(this.#pairs.slice(0, pairs));
  }

  /** All pairs, each once. A forged clip shows a face that was there, and is not synthesised. */
  async *synthesisRows(): AsyncGenerator<SynthesisRows> {
    const whole = synthesisedSources(this.#faces);
    for (let i = 0; i < this.#pairs.length; i += PAIRS_AT_ONCE) {
      const pairs = this.#pairs.slice(i, i + PAIRS_AT_ONCE);
      const { statistics } = await this.#read(pairs);
      const isSynthesised = pairs.flatMap((row) => {
        const { slot } = this.#bank.rows[row]!;
        return [false, slot.kind === "synthesised" && whole.has(this.#faces[slot.fake]!.source)];
      });
      yield { statistics, isSynthesised };
    }
  }

  async #read(pairs: readonly number[]): Promise<StatisticsBatch> {
    const began = performance.now();
    const rows = pairs.flatMap((row) => [row, row + 1]);
    const statistics = await this.#bank.read(rows);
    this.waitedMs += performance.now() - began;
    const classes = Uint8Array.from(
      pairs.flatMap((row) => [CLASSES.authentic, classOfForged(this.#bank.rows[row]!.slot)]),
    );
    return { statistics, classes };
  }

  async close(): Promise<void> {
    await this.#bank.close();
  }
}
