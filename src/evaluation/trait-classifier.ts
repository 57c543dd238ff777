import { groupBy } from "../statistics/group-by.ts";
import { fitLogistic, logitOf } from "../statistics/logistic-regression.ts";
import { rocAuc } from "../statistics/metrics.ts";
import type { FileTraits } from "./file-traits.ts";
import { hash } from "./select-items.ts";

/** Traits and label of a file. */
export interface TraitRow {
  readonly traits: FileTraits;
  readonly isReal: boolean;
  /** Groups are not split across folds. */
  readonly group: string;
}

/** A row with the score of a classifier that was trained without its group. */
export interface ScoredTraitRow extends TraitRow {
  readonly score: number;
  /** Scores of different folds are from different classifiers and must not be compared. */
  readonly fold: number;
}

const FOLDS = 5;
/** Weak, so that the classifier uses all the information in the metadata. */
const RIDGE = 1;
/** Words in a smaller fraction of the files are ignored, because they identify single files. */
const MIN_SHARE_OF_WORD = 0.02;

/**
 * Scores each row by logistic regression on metadata, with five-fold cross-validation over groups. Numbers are used with their
 * squares, so that a middle value (one JPEG quality, one size) can be separated.
 *
 * @returns null if a class is missing from the training rows of a fold
 */
export function crossValidate(rows: readonly TraitRow[]): ScoredTraitRow[] | null {
  const groups = [...groupBy(rows, (row) => row.group).keys()].sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
  const foldOf = new Map(groups.map((group, i) => [group, i % FOLDS]));
  const folded = rows.map((row) => ({ ...row, fold: foldOf.get(row.group)! }));
  const scored = new Map<TraitRow, ScoredTraitRow>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const training = folded.filter((row) => row.fold !== fold);
    if (new Set(training.map((row) => row.isReal)).size < 2) return null;
    const encode = encoderOf(training.map((row) => row.traits));
    const model = fitLogistic(
      training.map(({ traits, isReal }) => ({ features: encode(traits), isReal })),
      { ridge: RIDGE },
    );
    for (const row of folded) {
      if (row.fold === fold) scored.set(row, { ...row, score: logitOf(model, encode(row.traits)) });
    }
  }
  return folded.map((row) => scored.get(row)!);
}

/** The single traits that separate reals and fakes best. @returns AUC from 0.5 to 1, descending */
export function tellingTraits(rows: readonly TraitRow[], count: number): { name: string; auc: number }[] {
  const names = (part: "numbers" | "words") => [
    ...new Set(rows.flatMap(({ traits }) => Object.keys(traits[part]))),
  ];
  const aucs = [
    ...names("numbers").flatMap((name) => {
      const items = rows.flatMap(({ traits, isReal }) => {
        const score = traits.numbers[name] ?? null;
        return score === null ? [] : [{ score, isReal }];
      });
      return { name, auc: rocAuc(items) };
    }),
    ...names("words").flatMap((name) => {
      const shareOfReals = new Map(
        [...groupBy(rows, ({ traits }) => traits.words[name])].map(([word, list]) => [
          word,
          list.filter((row) => row.isReal).length / list.length,
        ]),
      );
      const items = rows.map(({ traits, isReal }) => ({
        score: shareOfReals.get(traits.words[name])!,
        isReal,
      }));
      // Too many words identify single files.
      return shareOfReals.size > rows.length / 10 ? [] : { name, auc: rocAuc(items) };
    }),
  ];
  return aucs
    .flatMap(({ name, auc }) => (auc === null ? [] : [{ name, auc: Math.max(auc, 1 - auc) }]))
    .sort((a, b) => b.auc - a.auc)
    .slice(0, count);
}

/** Standardises numbers and encodes words one-hot, by the training rows. */
function encoderOf(training: readonly FileTraits[]): (traits: FileTraits) => number[] {
  const numbers = Object.keys(training[0]?.numbers ?? {}).flatMap((name) => {
    const values = training.flatMap((traits) => traits.numbers[name] ?? []);
    if (values.length === 0) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return deviation < 1e-9 ? [] : [{ name, mean, deviation }];
  });
  const words = Object.keys(training[0]?.words ?? {}).flatMap((name) => {
    const lists = groupBy(training, (traits) => traits.words[name]!);
    if (lists.size < 2) return [];
    const common = [...lists].filter(([, list]) => list.length >= MIN_SHARE_OF_WORD * training.length);
    return common.map(([word]) => ({ name, word }));
  });
  return (traits) => [
    ...numbers.flatMap(({ name, mean, deviation }) => {
      const value = traits.numbers[name] ?? null;
      if (value === null) return [0, 0];
      const z = Math.min(3, Math.max(-3, (value - mean) / deviation));
      return [z, (z * z - 1) / 2];
    }),
    ...words.map(({ name, word }) => Number(traits.words[name] === word)),
  ];
}
