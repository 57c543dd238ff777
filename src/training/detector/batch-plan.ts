import { type Random, seededRandom } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import type { StoredFace } from "../crop-store.ts";
import { splitOf } from "../data-index.ts";
import { CLASSES } from "./batch-source.ts";

/**
 * One pair of a batch: positions in the store. A known fake whose group has a real face was made from it, and is altered;
 * one that has none is synthesised.
 */
export type Slot =
  | { readonly kind: "altered" | "synthesised"; readonly real: number; readonly fake: number }
  | { readonly kind: "self-blend"; readonly real: number };

/** Groups of one name in two sources are two. */
const groupOf = ({ source, group }: Pick<StoredFace, "source" | "group">): string => `${source}/${group}`;

/** Sources of pictures most of whose fakes were made of nobody there: whole faces out of generators. */
export function synthesisedSources(faces: readonly StoredFace[]): ReadonlySet<string> {
  const withReal = new Set(faces.filter(({ label }) => label === "real").map(groupOf));
  const counts = new Map<string, { whole: number; all: number }>();
  for (const face of faces) {
    if (face.label === "real" || face.isVideo === true) continue;
    const { whole, all } = counts.get(face.source) ?? { whole: 0, all: 0 };
    counts.set(face.source, { whole: whole + (withReal.has(groupOf(face)) ? 0 : 1), all: all + 1 });
  }
  return new Set([...counts].filter(([, { whole, all }]) => whole > all / 2).map(([source]) => source));
}

/** What the forged face of a pair is: a self-blend is altered too. */
export function classOfForged({ kind }: Slot): number {
  return kind === "synthesised" ? CLASSES.synthesised : CLASSES.altered;
}

/**
 * Draws the pairs of each training step: half real, half forged, balanced by source.
 *
 * A fake's partner is a real of its own group where there is one, then of its source, then of a source that has fakes of
 * the same generator, then of any: what differs within a pair is the forgery, not the scene, the camera or the format. Sources that have reals only come in through
 * self-blends, so that no source says "real" by itself.
 */
export class BatchPlan {
  readonly #faces: readonly StoredFace[];
  readonly #seed: number;
  readonly #slots: number;
  readonly #selfBlendShare: number;
  readonly #reals: Map<string, number[]>;
  readonly #fakes: Map<string, number[]>;
  readonly #realsOfGroup: Map<string, number[]>;
  /** For sources without reals: one with reals whose fakes are of the same generator. */
  readonly #realSourceOf = new Map<string, string>();

  /**
   * @param options.batchSize even; faces a step
   * @param options.selfBlendShare share of the pairs whose forgery is a self-blend of the pair's real
   * @param options.exclude generators, or whole sources, that are left out
   * @throws TelltaleError `DATA_INVALID` when either class has no face to train on
   */
  constructor(
    faces: readonly StoredFace[],
    options: { seed: number; batchSize: number; selfBlendShare: number; exclude?: readonly string[] },
  ) {
    const excluded = new Set(options.exclude);
    const training = faces
      .map((face, i) => ({ face, i }))
      .filter(
        ({ face }) =>
          splitOf(face) === "train" && !excluded.has(face.source) && !excluded.has(face.generator),
      );
    const count = (label: string) => training.filter(({ face }) => face.label === label).length;
    if (count("real") === 0 || count("fake") === 0) {
      throw new TelltaleError(
        "DATA_INVALID",
        `Expected real and fake faces in groups to train on, but there are ${count("real")} real and ${count("fake")} fake ones. A quarter of the groups is held out; add groups of both labels to the index.`,
      );
    }
    const gather = (label: string, key: (face: StoredFace) => string) => {
      const lists = new Map<string, number[]>();
      for (const { face, i } of training) {
        if (face.label !== label) continue;
        const list = lists.get(key(face)) ?? [];
        list.push(i);
        lists.set(key(face), list);
      }
      return lists;
    };
    this.#seed = options.seed;
    this.#slots = options.batchSize / 2;
    this.#selfBlendShare = options.selfBlendShare;
    this.#reals = gather("real", (face) => face.source);
    this.#fakes = gather("fake", (face) => face.source);
    this.#realsOfGroup = gather("real", groupOf);
    this.#faces = faces;
    for (const { face } of training) {
      if (face.label === "real" || this.#reals.has(face.source) || this.#realSourceOf.has(face.source))
        continue;
      const kin = training.find(
        (other) =>
          other.face.label === "fake" &&
          other.face.generator === face.generator &&
          this.#reals.has(other.face.source),
      );
      if (kin !== undefined) this.#realSourceOf.set(face.source, kin.face.source);
    }
  }

  /** The pairs of one step; a function of seed and step alone. */
  at(step: number): Slot[] {
    const random = seededRandom(this.#seed, step);
    return Array.from({ length: this.#slots }, () =>
      random.chance(this.#selfBlendShare) ? this.#selfBlend(random) : this.#knownFake(random),
    );
  }

  #selfBlend(random: Random): Slot {
    return { kind: "self-blend", real: random.pick(drawSource(this.#reals, random)) };
  }

  #knownFake(random: Random): Slot {
    const fake = random.pick(drawSource(this.#fakes, random));
    const face = this.#faces[fake]!;
    const { source } = face;
    const originals = this.#realsOfGroup.get(groupOf(face));
    const partners =
      originals ??
      this.#reals.get(this.#realSourceOf.get(source) ?? source) ??
      drawSource(this.#reals, random);
    const kind = originals === undefined ? "synthesised" : "altered";
    return { kind, real: random.pick(partners), fake };
  }
}

/** A source, in proportion to the square root of its size: small ones are heard, and not learnt by heart. */
function drawSource(lists: ReadonlyMap<string, number[]>, random: Random): number[] {
  const entries = [...lists.values()];
  const total = entries.reduce((sum, list) => sum + Math.sqrt(list.length), 0);
  let left = random.uniform() * total;
  for (const list of entries) {
    left -= Math.sqrt(list.length);
    if (left < 0) return list;
  }
  return entries.at(-1)!;
}
