import {
  attackTable,
  attributeTables,
  calibrationTable,
  comparisonTable,
  flipTable,
  qualityTable,
  robustnessTable,
  shortcutsTable,
  type Table,
  verdictTable,
} from "../../src/report/evaluation/tables.ts";
import { markdownTable } from "../../src/report/table.ts";
import type { EvaluationDocument } from "../../src/types/evaluation.ts";

/** Sections in order; sections without measurements are omitted. */
export function evaluationSections(evaluations: readonly EvaluationDocument[]): string[] {
  const measured = <Part>(
    part: (document: EvaluationDocument) => Part | null,
    show: (part: Part) => Table[],
  ) =>
    evaluations.flatMap((document) => {
      const found = part(document);
      return found === null ? [] : show(found).map((table) => tableOf(table, document));
    });
  const sections: [title: string, tables: string[]][] = [
    ["What it scores", onceAData(evaluations).flatMap(scores)],
    [
      "How it holds",
      measured(
        (d) => d.robustness,
        (part) => [robustnessTable(part), flipTable(part)],
      ),
    ],
    [
      "Shortcuts",
      measured(
        (d) => d.shortcuts,
        (part) => [shortcutsTable(part)],
      ),
    ],
    ["Groups of people", measured((d) => d.attributes, attributeTables)],
    [
      "Attacks",
      measured(
        (d) => d.attack,
        (part) => [attackTable(part)],
      ),
    ],
  ];
  return sections
    .filter(([, tables]) => tables.length > 0)
    .map(([title, tables]) => [`## ${title}`, ...tables].join("\n\n"));
}

/** Skips the main results of an evaluation that only adds a part to another one on the same data. */
function onceAData(evaluations: readonly EvaluationDocument[]): EvaluationDocument[] {
  const seen = new Set<string>();
  return [...evaluations]
    .sort((a, b) => b.data.files - a.data.files)
    .filter(({ data }) => !seen.has(data.sha256) && seen.add(data.sha256));
}

function scores(document: EvaluationDocument): string[] {
  const { comparisons, calibration, verdicts } = document;
  const tables = [
    comparisonTable(comparisons),
    qualityTable(comparisons),
    ...(calibration ? [calibrationTable(calibration)] : []),
    verdictTable(verdicts),
  ];
  return tables.map((table) => tableOf(table, document));
}

function tableOf({ title, note, rows }: Table, { command, data }: EvaluationDocument): string {
  const about = note === "" ? "" : `${note} `;
  return `### ${title}: ${data.name}\n\n${about}Measured by \`${command}\`.\n\n${markdownTable(rows)}`;
}
