import { seededRandom } from "../../engine/index.ts";
import {
  type Discriminator,
  type GanNetwork,
  type Generator,
  generatorFromWeights,
  initGanDiscriminator,
  initGenerator,
} from "../../networks/index.ts";
import { AdamW } from "../adamw.ts";
import type { RunFolder } from "../run-folder.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import type { InitialWeights } from "./initial-weights.ts";

/** JSON part of a checkpoint. */
interface Stored {
  readonly step: number;
  readonly gCounts: readonly number[];
  readonly dCounts: readonly number[];
  readonly wallSec: number;
  readonly energyWh: number;
}

/** What a step changes: both networks, the averaged generator, both optimizers, the step. */
export class GanState {
  step = 0;
  /** Whether it was loaded from a checkpoint. */
  isResumed = false;
  /** Cost of the run before the resume. */
  costBefore = { wallSec: 0, energyWh: 0 };
  readonly generator: Generator;
  readonly averaged: Generator;
  readonly discriminator: Discriminator;
  readonly gOptimizer: AdamW;
  readonly dOptimizer: AdamW;

  private constructor(generator: Generator, discriminator: Discriminator, options: ResolvedGanOptions) {
    this.generator = generator;
    this.averaged = generatorFromWeights(generator.network, generator.parameters.toFloat32());
    this.discriminator = discriminator;
    this.gOptimizer = new AdamW(generator.parameters.trained, options);
    this.dOptimizer = new AdamW(discriminator.parameters.trained, options);
  }

  /** Starts with new networks or with initial weights, or resumes from the last checkpoint of the run. */
  static async start(
    network: GanNetwork,
    options: ResolvedGanOptions,
    run: RunFolder | null,
    initial: InitialWeights | null = null,
  ): Promise<GanState> {
    const { seed } = options;
    const generator = initial?.generator ?? initGenerator(network, seededRandom(seed, -1));
    const discriminator =
      initial?.discriminator ??
      (await initGanDiscriminator(options.discriminator, network, seededRandom(seed, -2)));
    const state = new GanState(generator, discriminator, options);
    state.step = Math.round(((initial?.kimg ?? 0) * 1000) / options.batch);
    const checkpoint = await run?.loadCheckpoint<Stored>();
    if (checkpoint) {
      state.isResumed = true;
      const [g, average, d, g1, g2, d1, d2] = checkpoint.arrays as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const { step, gCounts, dCounts, wallSec, energyWh } = checkpoint.state;
      state.step = step;
      state.costBefore = { wallSec, energyWh };
      generator.parameters.assign(g);
      state.averaged.parameters.assign(average);
      discriminator.parameters.assign(d);
      state.gOptimizer.assign(g1, g2, gCounts);
      state.dOptimizer.assign(d1, d2, dCounts);
    }
    return state;
  }

  async save(run: RunFolder, cost: { wallSec: number; energyWh: number }): Promise<void> {
    const stored: Stored = {
      step: this.step,
      gCounts: this.gOptimizer.counts,
      dCounts: this.dOptimizer.counts,
      wallSec: cost.wallSec,
      energyWh: cost.energyWh,
    };
    const weights = [this.generator, this.averaged, this.discriminator].map((n) => n.parameters.toFloat32());
    await run.saveCheckpoint(stored, [
      ...weights,
      ...this.gOptimizer.toFloat32(),
      ...this.dOptimizer.toFloat32(),
    ]);
  }

  dispose(): void {
    for (const { parameters } of [this.generator, this.averaged, this.discriminator]) parameters.dispose();
    this.gOptimizer.dispose();
    this.dOptimizer.dispose();
  }
}
