import { seededRandom } from "../../engine/index.ts";
import {
  type Discriminator,
  initManipulationModel,
  type ManipulationModel,
  type ManipulationNetwork,
} from "../../networks/index.ts";
import { Adam } from "../gan/adam.ts";
import type { RunFolder } from "../run-folder.ts";

interface Stored {
  readonly step: number;
  readonly counts: readonly (readonly number[])[];
}

/** Adam as GANs have it (Radford et al. 2016). */
const BETAS = { beta1: 0.5, beta2: 0.999 };

/** Everything that a step changes: the forger, where there is one its discriminator, their optimisers, the step. */
export class ManipulationState {
  step = 0;
  readonly model: ManipulationModel;
  readonly optimizer: Adam;
  readonly rival: { readonly discriminator: Discriminator; readonly optimizer: Adam } | null;

  private constructor(model: ManipulationModel, discriminator: Discriminator | null) {
    this.model = model;
    this.optimizer = new Adam(model.parameters.trained, BETAS);
    this.rival =
      discriminator === null
        ? null
        : { discriminator, optimizer: new Adam(discriminator.parameters.trained, BETAS) };
  }

  /** New networks, or those of the run's last checkpoint. */
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
    if (this.rival === null) return [own];
    const { discriminator, optimizer } = this.rival;
    return [own, { parameters: discriminator.parameters, optimizer }];
  }

  dispose(): void {
    for (const { parameters, optimizer } of this.#trained) {
      parameters.dispose();
      optimizer.dispose();
    }
  }
}
