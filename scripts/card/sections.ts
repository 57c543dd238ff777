import type { EvaluationDocument } from "../../src/evaluation/schema.ts";
import {
  attackTable,
  attributeTables,
  calibrationTable,
  comparisonTable,
  flipTable,
  leaveOneOutTable,
  qualityTable,
  robustnessTable,
  shortcutsTable,
  type Table,
  verdictTable,
} from "../../src/report/evaluation/tables.ts";
import { markdownTable } from "../../src/report/table.ts";
import type { Ablation, AblationTable, Reproduction } from "./measurements.ts";

/** Sections in the order of the card; each is there only where something was measured for it. */
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
    [
      "Generators never seen",
      measured(
        (d) => d.leaveOneOut,
        (part) => [leaveOneOutTable(part)],
      ),
    ],
  ];
  return sections
    .filter(([, tables]) => tables.length > 0)
    .map(([title, tables]) => [`## ${title}`, ...tables].join("\n\n"));
}

/** An evaluation that was made for one of its parts repeats the figures of another on the same data. */
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

/** What each part of the recipe is worth. */
export function ablationSection({ adversarial, ...parts }: Ablation): string {
  return [
    "## What each part is worth",
    ablationTable(parts),
    ...(adversarial ? ["### What training against attacks costs", ablationTable(adversarial)] : []),
  ].join("\n\n");
}

function ablationTable({ note, rows }: AblationTable): string {
  const columns = [...new Set(rows.flatMap(({ auc }) => Object.keys(auc)))];
  const table = markdownTable([
    ["run", ...columns, "trained by"],
    ...rows.map(({ name, auc, command }) => [
      name,
      ...columns.map((column) => auc[column]?.toFixed(3) ?? "-"),
      `\`${command}\``,
    ]),
  ]);
  return `AUC. ${note}\n\n${table}`;
}

/** What came out when it was trained again. */
export function reproductionSection({ shipped, now, machine, stages, figures }: Reproduction): string {
  const sum = (of: (stage: (typeof stages)[number]) => number) =>
    `${stages.reduce((all, stage) => all + of(stage), 0).toFixed(1)} h`;
  const times = stages.map(({ name, processorHours }) => `${processorHours.toFixed(1)} for stage ${name}`);
  const weights =
    now === shipped
      ? "The weights are the same to the last bit."
      : `Its weights are others (\`${now.slice(0, 12)}\`).`;
  const auc = (value: number | null) => value?.toFixed(3) ?? "-";
  const table = markdownTable([
    ["fakes of", "fakes", "AUC, shipped", "AUC, trained again"],
    ...figures.map(({ name, fakes, ...of }) => [name, `${fakes}`, auc(of.shipped), auc(of.now)]),
  ]);
  return `## Trained again

\`npm run reproduce\` trained it again from its options and seeds, on ${machine}, in
${sum((stage) => stage.processorHours)} of processors' time (${times.join(", ")}) and ${sum((stage) => stage.hours)} by the clock, other work beside it, without
what lay in the cache from before (cut faces, and what a frozen trunk had seen of them). ${weights}

${table}`;
}
