import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Command } from "commander";
import type { EvaluationEvent } from "../evaluation/evaluate.ts";
import { type EvaluateOptions, evaluateOptionsSchema } from "../evaluation/options.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import { safeJson } from "../report/control-characters.ts";
import { evaluationTables } from "../report/evaluation/tables.ts";
import { textTable } from "../report/table.ts";
import { tool } from "../report/tool.ts";
import type { EvaluationDocument } from "../types/evaluation.ts";
import { detectorFlagsSchema } from "./detector-flags.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { type Progress, startProgress } from "./progress.ts";
import { untilSignal } from "./signals.ts";

const help = `
Examples:
  telltale evaluate --data faces/index.csv --out results
  telltale evaluate --data faces/index.csv --out results --robustness --shortcuts --groups attributes --attack
  telltale evaluate --data clips/index.csv --model runs/mine/model --robustness --limit 20

With --out, what has been measured is kept in DIR/results: the same command goes on after Ctrl-C, and one that asks for
more measures only that. Remove the folder when files were replaced.
`;

/** Adds `telltale evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("measure a model on labelled media")
    .description(
      "Runs the detector over labelled images or videos and says how well it tells them apart, source by source. " +
        "Files that the model was trained on are left out, by their content, and so are the others of their groups.",
    )
    .addHelpText("after", help);
  addFlags(command, evaluateOptionsSchema);
  addFlags(command, detectorFlagsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(evaluateOptionsSchema, flags);
    const detectOptions = readFlags(detectorFlagsSchema, flags);
    const { out } = options;
    if (out !== undefined) {
      const outputs = ["evaluation.json", "evaluation.html", "files.jsonl", "results"].map((name) => ({
        name: "--out",
        path: join(out, name),
      }));
      const folders = detectOptions.model === undefined ? [] : [detectOptions.model];
      await checkOutputs(outputs, { files: [options.data], folders });
      await makeFolder(out);
    }
    const reporter = new ProgressReporter(options);
    await untilSignal(async (signal) => {
      const [{ openDetector }, { evaluate }] = await Promise.all([
        import("../detection/detect.ts"),
        import("../evaluation/evaluate.ts"),
      ]);
      // Still images leave ffmpeg idle, so that every core can score.
      const detector = await openDetector({
        workers: availableParallelism(),
        ...detectOptions,
        provenance: false,
      });
      try {
        const onEvent = (event: EvaluationEvent) => reporter.show(event);
        const { document, files } = await evaluate(detector, options, { signal, onEvent });
        reporter.stop();
        const whole: EvaluationDocument = { ...document, tool, command: commandOf(options, flags) };
        if (out !== undefined) {
          const { formatEvaluationHtml } = await import("../report/evaluation/page.ts");
          await writeWhole(join(out, "files.jsonl"), files.map((file) => `${safeJson(file)}\n`).join(""));
          await writeWhole(join(out, "evaluation.html"), formatEvaluationHtml(whole));
          await writeWhole(join(out, "evaluation.json"), `${safeJson(whole, 2)}\n`);
        }
        print(whole);
      } finally {
        reporter.stop();
        await detector.close();
      }
    });
  });
}

function print(document: EvaluationDocument): void {
  const { model } = document;
  const tables = evaluationTables(document).map(
    ({ title, note, rows }) => `${title}\n${note === "" ? "" : `${note}\n`}\n${textTable(rows)}\n`,
  );
  process.stdout.write(
    `${model.name} ${model.version}, sha256 ${model.sha256.slice(0, 12)}\n\n${tables.join("\n")}`,
  );
}

/** The command as somebody else would give it: folders are left out, they say nothing of the measurement. */
function commandOf({ data }: EvaluateOptions, flags: Record<string, unknown>): string {
  const places = ["data", "out", "model", "workers"];
  const others = Object.entries(flags)
    .filter(([name, value]) => !places.includes(name) && value !== undefined && value !== false)
    .filter(([name, value]) => evaluateDefaults[name] !== value && `${evaluateDefaults[name]}` !== value)
    .map(([name, value]) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? flag : `${flag} ${value}`;
    });
  const folder = basename(join(data, ".."));
  return [
    "telltale evaluate",
    `--data ${join(folder === "." ? "" : folder, basename(data))}`,
    ...others,
  ].join(" ");
}

const evaluateDefaults: Readonly<Record<string, unknown>> = evaluateOptionsSchema
  .partial({ data: true })
  .parse({});

/** Which files are measured, and why others are not. */
function chosenSentence(
  { files, leftOut }: Extract<EvaluationEvent, { kind: "chosen" }>,
  { includeTrainedOn }: EvaluateOptions,
): string {
  if (includeTrainedOn) return `Measures all ${files} files, those that the model was trained on included.`;
  if (leftOut === null) {
    return `Measures ${files} files. The model has no trained-on.bin: whether it was trained on them is not known.`;
  }
  return `Measures ${files} files. Left out: ${leftOut.files} that the model was trained on, ${leftOut.sameGroup} others of their groups.`;
}

/** One bar after the other on a terminal. */
class ProgressReporter {
  readonly #options: EvaluateOptions;
  #pass = "";
  #bar: Progress | null = null;

  constructor(options: EvaluateOptions) {
    this.#options = options;
  }

  show(event: EvaluationEvent): void {
    if (event.kind === "files") void this.#showFiles(event);
    else if (event.kind === "chosen") say(chosenSentence(event, this.#options));
    else say(`${event.results} results were there already, in ${this.#options.out}/results.`);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  async #showFiles({ pass, done, total }: Extract<EvaluationEvent, { kind: "files" }>): Promise<void> {
    if (pass !== this.#pass) {
      this.#pass = pass;
      this.stop();
      this.#bar = await startProgress(pass, true, "done");
    }
    if (done === total) this.stop();
    else this.#bar?.update(done, total);
  }
}
