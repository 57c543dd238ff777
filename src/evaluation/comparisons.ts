import { groupBy } from "../statistics/group-by.ts";

/** The labels that pairings are based on. */
interface Labelled {
  readonly source: string;
  readonly generator: string;
  readonly isReal: boolean;
}

/** Fakes and the reals that they are compared with. */
export interface Pairing<Item extends Labelled> {
  readonly name: string;
  readonly source: string;
  /** Null: all fakes of the source. */
  readonly generator: string | null;
  readonly hasOwnReals: boolean;
  readonly reals: readonly Item[];
  readonly fakes: readonly Item[];
}

/** With more generators in a source, the names are probably not generators but e.g. file names. */
const MAX_GENERATORS = 40;

/**
 * Pairs the fakes of each source with the reals of the same source, or with all reals if it has none.
 *
 * @param options.perGenerator adds a pairing for each generator of sources with several generators
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
