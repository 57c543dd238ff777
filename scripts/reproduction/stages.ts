import { existsSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { trainDetectorOptionsSchema } from "../../src/training/detector/detector-options.ts";
import { trainDetector } from "../../src/training/detector/train-detector.ts";
import type { TrainingEvent } from "../../src/training/detector/training-event.ts";
import type { Reproduction } from "../card/measurements.ts";

/** An index as a run's options name it: without where it lies. */
export interface IndexFile {
  readonly name: string;
  readonly sha256: string;
}

/** training/<name>/options.json. */
export interface Stage {
  readonly name: string;
  readonly data: readonly IndexFile[];
  readonly from: string;
  readonly beside?: string;
  readonly [option: string]: unknown;
}

/** How long a stage took, all tries together. */
export type StageTime = Reproduction["stages"][number];

/** The stages of a model's folder, in the order of their names. */
export async function readStages(folder: string): Promise<Stage[]> {
  const names = (await readdir(join(folder, "training"))).sort();
  if (names.length === 0) throw new Error(`Expected folders of training runs in ${folder}/training.`);
  return Promise.all(
    names.map(async (name): Promise<Stage> => {
      const options = JSON.parse(await readFile(join(folder, "training", name, "options.json"), "utf8"));
      return { ...options, name };
    }),
  );
}

/**
 * Trains the stages that are not finished yet; a later one begins with what the one before it made, or stands beside it.
 *
 * @returns the folder of the last stage's model, and how long each took; null when it was stopped
 */
export async function trainStages(
  stages: readonly Stage[],
  options: {
    readonly out: string;
    readonly cache: string;
    readonly modelVersion: string;
    readonly pathOf: (index: IndexFile) => string;
    readonly signal: AbortSignal;
    readonly event: (event: TrainingEvent) => void;
  },
): Promise<{ model: string; times: StageTime[] } | null> {
  let model = "";
  const times: StageTime[] = [];
  for (const { name, data, from, beside, ...settings } of stages) {
    const out = join(options.out, name);
    const isDone = existsSync(join(out, "model/manifest.json"));
    const clock = await StageClock.open(join(options.out, `${name}.time.json`));
    let taken = clock.before;
    if (!isDone) {
      const start = beside ? { from, beside: model } : { from: model === "" ? from : model };
      const trained = await trainDetector(
        trainDetectorOptionsSchema.parse({
          ...settings,
          ...start,
          data: data.map(options.pathOf).join(","),
          out,
          modelVersion: options.modelVersion,
          cache: options.cache,
          resume: existsSync(join(out, "options.json")),
        }),
        {
          event: (event) => {
            clock.save();
            options.event(event);
          },
          signal: options.signal,
        },
      );
      taken = clock.save();
      if (trained === null) return null;
    }
    console.log(`stage ${name}: ${inWords(taken)}${isDone ? ", trained before" : ""}`);
    times.push({ name, ...taken });
    model = join(out, "model");
  }
  return { model, times };
}

function inWords({ hours, processorHours }: Omit<StageTime, "name">): string {
  return `${hours.toFixed(2)} h, ${processorHours.toFixed(2)} h of processors`;
}

/** What a stage has taken, kept in a file, so that a run that is cut goes on counting. */
class StageClock {
  readonly #path: string;
  readonly #before: Omit<StageTime, "name">;
  readonly #began = performance.now();
  readonly #cpuBegan = process.cpuUsage();

  private constructor(path: string, before: Omit<StageTime, "name">) {
    this.#path = path;
    this.#before = before;
  }

  static async open(path: string): Promise<StageClock> {
    const text = await readFile(path, "utf8").catch(() => '{ "hours": 0, "processorHours": 0 }');
    return new StageClock(path, JSON.parse(text));
  }

  /** @returns what it has taken until now */
  save(): Omit<StageTime, "name"> {
    const { user, system } = process.cpuUsage(this.#cpuBegan);
    const taken = {
      hours: this.#before.hours + (performance.now() - this.#began) / 3.6e6,
      processorHours: this.#before.processorHours + (user + system) / 3.6e9,
    };
    writeFileSync(this.#path, JSON.stringify(taken));
    return taken;
  }

  get before(): Omit<StageTime, "name"> {
    return this.#before;
  }
}
