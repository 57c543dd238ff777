import { seededRandom } from "../../engine/index.ts";
import {
  type Discriminator,
  initManipulationModel,
  type ManipulationModel,
  type ManipulationNetwork,
} from "../../networks/index.ts";
import { AdamW } from "../adamw.ts";
import type { RunFolder } from "../run-folder.ts";

interface Stored {
  readonly step: number;
  readonly counts: readonly (readonly number[])[];
}

/** Betas of DCGAN (Radford et al. 2016). */
const BETAS = { beta1: 0.5, beta2: 0.999 };

/** What a step changes: the model, its discriminator if it has one, both optimizers, the step. */
export class ManipulationState {
  step = 0;
  readonly model: ManipulationModel;
  readonly optimizer: AdamW;
  readonly adversary: { readonly discriminator: Discriminator; readonly optimizer: AdamW } | null;

  private constructor(model: ManipulationModel, discriminator: Discriminator | null) {
    this.model = model;
    this.optimizer = new AdamW(model.parameters.trained, BETAS);
    this.adversary = discriminator && {
      discriminator,
      optimizer: new AdamW(discriminator.parameters.trained, BETAS),
    };
  }

  /** Starts with new networks, or resumes from the last checkpoint of the run. */
  static async start(
    network: ManipulationNetwork,
    { seed, discriminator }: { seed: number; discriminator: Discriminator | null },
    run: RunFolder,
  ): Promise<ManipulationState> {
    const state = new ManipulationState(
      initManipulationModel(network, seededRandom(seed, -1)),
      discriminator,
    );
    const checkpoint = await run.loadCheckpoint<Stored>();
    if (checkpoint === null) return state;
    state.step = checkpoint.state.step;
    for (const [i, { parameters, optimizer }] of state.#trained.entries()) {
      const [weights, first, second] = checkpoint.arrays.slice(3 * i) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      parameters.assign(weights);
      optimizer.assign(first, second, checkpoint.state.counts[i]!);
    }
    return state;
  }

  async save(run: RunFolder): Promise<void> {
    const counts = this.#trained.map(({ optimizer }) => optimizer.counts);
    const arrays = this.#trained.flatMap(({ parameters, optimizer }) => [
      parameters.toFloat32(),
      ...optimizer.toFloat32(),
    ]);
    await run.saveCheckpoint({ step: this.step, counts }, arrays);
  }

  get #trained() {
    const own = { parameters: this.model.parameters, optimizer: this.optimizer };
    if (this.adversary === null) return [own];
    const { discriminator, optimizer } = this.adversary;
    return [own, { parameters: discriminator.parameters, optimizer }];
  }

  dispose(): void {
    for (const { parameters, optimizer } of this.#trained) {
      parameters.dispose();
      optimizer.dispose();
    }
  }
}
