import { groupBy } from "../statistics/group-by.ts";

/** What decides which fakes are compared with which reals. */
interface Labelled {
  readonly source: string;
  readonly generator: string;
  readonly isReal: boolean;
}

/** One kind of fake and the reals that belong to it. */
export interface Pairing<Item extends Labelled> {
  readonly name: string;
  readonly source: string;
  /** Null for all fakes of the source. */
  readonly generator: string | null;
  readonly hasOwnReals: boolean;
  readonly reals: readonly Item[];
  readonly fakes: readonly Item[];
}

/** More generators of one source than this are no kinds but, say, file names. */
const MAX_GENERATORS = 40;

/**
 * Each source's fakes against its own reals, or against all reals where it has none; sources are never mixed.
 *
 * @param perGenerator whether each generator has a line of its own too, where a source has several
 */
export function pairings<Item extends Labelled>(
  items: readonly Item[],
  { perGenerator }: { readonly perGenerator: boolean },
): Pairing<Item>[] {
  const result: Pairing<Item>[] = [];
  const reals = items.filter((item) => item.isReal);
  const fakesOf = groupBy(
    items.filter((item) => !item.isReal),
    (item) => item.source,
  );
  for (const source of [...fakesOf.keys()].sort()) {
    const fakes = fakesOf.get(source)!;
    const ownReals = reals.filter((item) => item.source === source);
    const hasOwnReals = ownReals.length > 0;
    const against = hasOwnReals ? "" : " against reals of other sources";
    const common = { source, hasOwnReals, reals: hasOwnReals ? ownReals : reals };
    result.push({ ...common, name: `${source}${against}`, generator: null, fakes });
    const byGenerator = groupBy(fakes, (item) => item.generator);
    if (!perGenerator || byGenerator.size < 2 || byGenerator.size > MAX_GENERATORS) continue;
    for (const generator of [...byGenerator.keys()].sort()) {
      const name = `${source}: ${generator}${against}`;
      result.push({ ...common, name, generator, fakes: byGenerator.get(generator)! });
    }
  }
  return result;
}
