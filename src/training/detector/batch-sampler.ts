import { splitOf } from "../../data/data-index.ts";
import type { StoredFace } from "../../data/face-dataset.ts";
import { type Random, seededRandom } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { CLASSES } from "../../networks/index.ts";

/**
 * One pair of a batch, as indices of the dataset. A fake whose group has a real face was made from that face and is
 * `manipulated`; other fakes are `synthetic`.
 */
export type PairSpec =
  | { readonly kind: "manipulated" | "synthetic"; readonly real: number; readonly fake: number }
  | { readonly kind: "self-blend"; readonly real: number }
  | { readonly kind: "swap"; readonly real: number; readonly other: number };

/** Number of draws for another group; then a self-blend replaces the swap. */
const MAX_TRIES = 8;

/** Equal group names in two sources are different groups. */
const groupOf = ({ source, group }: Pick<StoredFace, "source" | "group">): string => `${source}/${group}`;

/** Whether a face or a file is used for training. @param excluded names of sources and generators */
export function isTrainedOn(
  item: Pick<StoredFace, "source" | "group" | "generator" | "isVideo">,
  excluded: ReadonlySet<string>,
): boolean {
  return splitOf(item) === "train" && !excluded.has(item.source) && !excluded.has(item.generator);
}

/** Class of a pair's fake. */
export function classOfFake({ kind }: PairSpec): number {
  return kind === "synthetic" ? CLASSES.synthetic : CLASSES.manipulated;
}

/**
 * Draws the pairs of each training step: half real, half fake, balanced by source.
 *
 * The partner of a fake is a real of the same group if there is one, else of the same source, else of a source with fakes of
 * the same generator, else any real. So the two differ by the manipulation rather than by scene, camera or format. Sources
 * without fakes contribute self-blends and swaps, so that a source does not reveal the label.
 */
export class BatchSampler {
  readonly #faces: readonly StoredFace[];
  readonly #seed: number;
  readonly #pairs: number;
  readonly #shares: { readonly selfBlends: number; readonly swaps: number };
  readonly #reals: Map<string, number[]>;
  readonly #fakes: Map<string, number[]>;
  readonly #realsOfGroup: Map<string, number[]>;
  /** For sources without reals: a source with reals and fakes of the same generator. */
  readonly #realSourceOf = new Map<string, string>();

  /**
   * @param options.batchSize faces per step, even
   * @param options.selfBlends fraction of the pairs whose fake is a self-blend
   * @param options.swaps fraction of the pairs whose fake is a swap with a real face of another group
   * @param options.exclude names of generators and sources to exclude
   * @throws TelltaleError `DATA_INVALID` if a class has no training face
   */
  constructor(
    faces: readonly StoredFace[],
    options: {
      seed: number;
      batchSize: number;
      selfBlends: number;
      swaps: number;
      exclude?: readonly string[];
    },
  ) {
    const excluded = new Set(options.exclude);
    const training = faces.map((face, i) => ({ face, i })).filter(({ face }) => isTrainedOn(face, excluded));
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
    this.#pairs = options.batchSize / 2;
    this.#shares = { selfBlends: options.selfBlends, swaps: options.swaps };
    this.#reals = gather("real", (face) => face.source);
    this.#fakes = gather("fake", (face) => face.source);
    this.#realsOfGroup = gather("real", groupOf);
    this.#faces = faces;
    for (const { face } of training) {
      if (face.label === "real" || this.#reals.has(face.source) || this.#realSourceOf.has(face.source))
        continue;
      const sameGenerator = training.find(
        (other) =>
          other.face.label === "fake" &&
          other.face.generator === face.generator &&
          this.#reals.has(other.face.source),
      );
      if (sameGenerator !== undefined) this.#realSourceOf.set(face.source, sameGenerator.face.source);
    }
  }

  /** The pairs of one step; a function of seed and step. */
  at(step: number): PairSpec[] {
    const random = seededRandom(this.#seed, step);
    return Array.from({ length: this.#pairs }, () => this.#pair(random));
  }

  #pair(random: Random): PairSpec {
    const { selfBlends, swaps } = this.#shares;
    const draw = random.uniform();
    if (draw >= selfBlends + swaps) return this.#knownFake(random);
    // Faces of the same source have the same format and a similar framing.
    const list = drawSource(this.#reals, random);
    const real = random.pick(list);
    const other = draw < selfBlends ? null : this.#otherPerson(real, list, random);
    return other === null ? { kind: "self-blend", real } : { kind: "swap", real, other };
  }

  /** Draws a face of another group, because a group is usually one person. Null if none was drawn. */
  #otherPerson(real: number, list: readonly number[], random: Random): number | null {
    const group = groupOf(this.#faces[real]!);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const other = random.pick(list);
      if (groupOf(this.#faces[other]!) !== group) return other;
    }
    return null;
  }

  #knownFake(random: Random): PairSpec {
    const fake = random.pick(drawSource(this.#fakes, random));
    const face = this.#faces[fake]!;
    const { source } = face;
    const originals = this.#realsOfGroup.get(groupOf(face));
    const partners =
      originals ??
      this.#reals.get(this.#realSourceOf.get(source) ?? source) ??
      drawSource(this.#reals, random);
    const kind = originals === undefined ? "synthetic" : "manipulated";
    return { kind, real: random.pick(partners), fake };
  }
}

/** Draws a source with a probability proportional to the square root of its size. */
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
