import { parseAttributes } from "../data/data-index.ts";
import { seededRandom } from "../engine/index.ts";
import { bootstrapInterval } from "../statistics/bootstrap.ts";
import { groupBy } from "../statistics/group-by.ts";
import { wilsonInterval } from "../statistics/proportion.ts";
import type { Attributes } from "../types/evaluation.ts";
import { type EvaluatedFile, groupOf } from "./evaluated-file.ts";

/** Lower bounds of the age bands, years. */
const AGE_BANDS = [0, 18, 30, 45, 60];
/** A numeric attribute with more distinct values is grouped by quartiles. */
const MAX_VALUES = 12;
/** Number of permutations for the gap by chance. */
const PERMUTATIONS = 500;
/** Groups with fewer files are reported but not used for the gap, because one file changes their rate by 5 points. */
const MIN_FILES_OF_GAP = 20;

/**
 * False-positive rates by group of people, and the largest gap between two groups.
 *
 * @returns null if no authentic file with a verdict has attributes
 */
export function summarizeAttributes(
  files: readonly EvaluatedFile[],
  { seed }: { readonly seed: number },
): Attributes | null {
  const described = files
    .filter((file) => file.isReal && file.verdict !== null)
    .map((file) => ({ file, attributes: parseAttributes(file.attributes) }))
    .filter(({ attributes }) => attributes.size > 0);
  if (described.length === 0) return null;
  const names = new Set(described.flatMap(({ attributes }) => [...attributes.keys()]));
  const keys = [...names].map((name) => {
    const present = described.filter(({ attributes }) => attributes.has(name));
    const bandOf = bandsOf(
      name,
      present.map(({ attributes }) => attributes.get(name)!),
    );
    const items = present.map(({ file, attributes }) => ({ file, value: bandOf(attributes.get(name)!) }));
    const lists = groupBy(items, (item) => item.value);
    const values = [...lists.keys()].sort().map((value) => {
      const list = lists.get(value)!.map((item) => item.file);
      const forged = list.filter((file) => file.verdict === "forged").length;
      return {
        ...{ value, files: list.length, forged },
        inconclusive: list.filter((file) => file.verdict === "inconclusive").length,
        interval: wilsonInterval(forged, list.length),
      };
    });
    return { name, values, gap: largestGap(items, seed) };
  });
  return { keys };
}

interface Item {
  readonly file: EvaluatedFile;
  readonly value: string;
}

function largestGap(items: readonly Item[], seed: number): Attributes["keys"][number]["gap"] {
  const sizes = groupBy(items, (item) => item.value);
  const large = items.filter((item) => sizes.get(item.value)!.length >= MIN_FILES_OF_GAP);
  const measured = gapOf(large);
  if (measured === null) return null;
  const groups = [...groupBy(large, (item) => groupOf(item.file)).values()];
  const interval = bootstrapInterval(groups, (sample) => gapOf(sample)?.value ?? null, {
    uniform: seededRandom(seed).uniform,
  });
  const random = seededRandom(seed, 1);
  const byChance = Array.from({ length: PERMUTATIONS }, () => {
    const values = shuffled(
      large.map((item) => item.value),
      random,
    );
    return gapOf(large.map((item, i) => ({ ...item, value: values[i]! })))!.value;
  });
  return {
    ...measured,
    interval,
    byChance: byChance.reduce((sum, value) => sum + value, 0) / PERMUTATIONS,
    p: byChance.filter((value) => value >= measured.value).length / PERMUTATIONS,
  };
}

function gapOf(items: readonly Item[]): { highest: string; lowest: string; value: number } | null {
  const rates = [...groupBy(items, (item) => item.value)].map(([value, list]) => ({
    value,
    rate: list.filter(({ file }) => file.verdict === "forged").length / list.length,
  }));
  if (rates.length < 2) return null;
  rates.sort((a, b) => b.rate - a.rate || (a.value < b.value ? -1 : 1));
  const [highest, lowest] = [rates[0]!, rates.at(-1)!];
  return { highest: highest.value, lowest: lowest.value, value: highest.rate - lowest.rate };
}

function shuffled(values: string[], random: { integer(count: number): number }): string[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}

/** Groups the values of an attribute: ages by bands, other numbers by quartiles, words unchanged. */
function bandsOf(name: string, values: readonly string[]): (value: string) => string {
  const numbers = values.map(Number);
  if (numbers.some((value) => !Number.isFinite(value))) return (value) => value;
  if (name !== "age" && new Set(values).size <= MAX_VALUES) return (value) => value;
  numbers.sort((a, b) => a - b);
  const quantile = (part: number) => numbers[Math.floor(part * numbers.length)]!;
  const lows =
    name === "age" ? AGE_BANDS : [...new Set([numbers[0]!, quantile(0.25), quantile(0.5), quantile(0.75)])];
  return (value) => {
    const i = lows.findLastIndex((low) => Number(value) >= low);
    const next = lows[i + 1];
    if (next === undefined) return `from ${lows[i]}`;
    return name === "age" ? `${lows[i]} to ${next - 1}` : `${lows[i]} to below ${next}`;
  };
}
