import { type Scored, stratifiedAuc } from "../statistics/metrics.ts";
import type { Measure, Shortcuts } from "../types/evaluation.ts";
import { pairings } from "./comparisons.ts";
import { type EvaluatedFile, fileScores, groupOf } from "./evaluated-file.ts";
import type { FileTraits } from "./file-traits.ts";
import type { CopyResult } from "./measure-files.ts";
import { aucOf } from "./summary.ts";
import { crossValidate, tellingTraits } from "./trait-classifier.ts";

/** Maximum distance of the metadata AUC from 0.5 for a headline comparison. */
const MAX_METADATA_GAP = 0.1;
const TRAITS_SHOWN = 3;

/** A file with possible shortcut features. */
export interface ShortcutFile extends EvaluatedFile {
  /** Null if the metadata could not be read. */
  readonly traits: FileTraits | null;
  /** Logits of the face crop and of the crop with a masked face; null without a face. */
  readonly logits: { readonly face: number; readonly masked: number } | null;
  /** Result for the normalised copy; null without one. */
  readonly alike: CopyResult | null;
}

/** Measures how well metadata, the surroundings of the face, and sizes and formats separate reals from fakes. */
export function summarizeShortcuts(
  files: readonly ShortcutFile[],
  { limit, seed }: { readonly limit: number; readonly seed: number },
): Shortcuts {
  const comparisons = pairings(files, { perGenerator: false }).map(({ name, reals, fakes }) => {
    const all = [...reals, ...fakes];
    const rows = all.flatMap((file) =>
      file.traits === null ? [] : [{ traits: file.traits, isReal: file.isReal, group: groupOf(file) }],
    );
    const scored = crossValidate(rows);
    const auc = <Item extends Scored & { readonly file: EvaluatedFile }>(items: readonly Item[]): Measure =>
      aucOf(items, { groupOf: ({ file }) => groupOf(file), seed });
    const metadata: Measure =
      scored === null
        ? { value: null, interval: null }
        : aucOf(scored, {
            groupOf: (row) => row.group,
            seed,
            statistic: (items) => stratifiedAuc(items, (row) => row.fold),
          });
    const byLogit = (part: "face" | "masked") =>
      all.flatMap((file) =>
        file.logits === null ? [] : [{ score: file.logits[part], isReal: file.isReal, file }],
      );
    return {
      name,
      reals: reals.length,
      fakes: fakes.length,
      metadata,
      metadataWithinGroups: scored && stratifiedAuc(scored, (row) => row.group),
      tellingTraits: tellingTraits(rows, TRAITS_SHOWN),
      isHeadline: metadata.value !== null && Math.abs(metadata.value - 0.5) <= MAX_METADATA_GAP,
      faces: auc(byLogit("face")),
      maskedFaces: auc(byLogit("masked")),
      before: auc(fileScores(all.filter((file) => file.alike !== null))),
      madeAlike: auc(fileScores(all.flatMap((file) => (file.alike ? [{ ...file, ...file.alike }] : [])))),
    };
  });
  return { limit, comparisons, leftOut: comparisons.filter((c) => !c.isHeadline).map((c) => c.name) };
}
