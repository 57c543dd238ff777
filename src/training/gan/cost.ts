import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { tf } from "../../engine/index.ts";

/** Time and energy of a run so far. */
export interface Cost {
  readonly wallSec: number;
  readonly energyWh: number;
  /** `rapl`: measured by the processor, for the whole machine; `estimate`: wall time times the given power. */
  readonly energyFrom: "rapl" | "estimate";
}

const RAPL = "/sys/class/powercap/intel-rapl:0";

/** Measures time and energy, added to the cost before the last resume. */
export class CostMeter {
  readonly #before: { readonly wallSec: number; readonly energyWh: number };
  readonly #beganMs = performance.now();
  readonly #watts: number;
  #lastMicrojoules: number | null = null;
  #rangeMicrojoules = 0;
  #measuredWh = 0;

  private constructor(watts: number, before: { wallSec: number; energyWh: number }) {
    this.#watts = watts;
    this.#before = before;
  }

  static async start(watts: number, before = { wallSec: 0, energyWh: 0 }): Promise<CostMeter> {
    const meter = new CostMeter(watts, before);
    meter.#rangeMicrojoules = (await readNumber(`${RAPL}/max_energy_range_uj`)) ?? 0;
    meter.#lastMicrojoules = await readNumber(`${RAPL}/energy_uj`);
    return meter;
  }

  /** Must be called at least once an hour, because the counter of the processor wraps around. */
  async read(): Promise<Cost> {
    const sec = (performance.now() - this.#beganMs) / 1000;
    const wallSec = this.#before.wallSec + sec;
    const now = this.#lastMicrojoules === null ? null : await readNumber(`${RAPL}/energy_uj`);
    if (now === null || this.#lastMicrojoules === null) {
      const energyWh = this.#before.energyWh + (sec * this.#watts) / 3600;
      return { wallSec, energyWh, energyFrom: "estimate" };
    }
    const difference = now - this.#lastMicrojoules;
    this.#measuredWh += (difference < 0 ? difference + this.#rangeMicrojoules : difference) / 3.6e9;
    this.#lastMicrojoules = now;
    return { wallSec, energyWh: this.#before.energyWh + this.#measuredWh, energyFrom: "rapl" };
  }
}

async function readNumber(path: string): Promise<number | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null ? null : Number(text);
}

/** Counts the floating-point operations of the convolutions and matrix products of a pass. */
export async function countOperations(pass: () => unknown): Promise<number> {
  const { kernels } = await tf.profile(() => {
    tf.tidy(() => {
      pass();
    });
    return tf.zeros([1]);
  });
  return kernels.reduce((sum, { name, inputShapes, outputShapes }, i) => {
    // Some backends run a plain convolution inside a transposed one; it is not counted twice.
    const next = kernels[i + 1];
    if (name === "Conv2D" && next?.name === "Conv2DBackpropInput") {
      if (isDeepStrictEqual(next.outputShapes[0], outputShapes[0])) return sum;
    }
    const size = (shape: readonly number[] | undefined) => (shape ?? []).reduce((a, b) => a * b, 1);
    const output = size(outputShapes[0]);
    const filter = inputShapes[1] ?? [];
    if (/^(FusedConv2D|Conv2D)$/.test(name)) return sum + (2 * output * size(filter)) / filter.at(-1)!;
    if (name === "Conv2DBackpropInput") {
      return sum + (2 * size(inputShapes[0]) * size(filter)) / filter.at(-1)!;
    }
    if (/DepthwiseConv2d/.test(name)) return sum + 2 * output * filter[0]! * filter[1]!;
    if (/^(_FusedMatMul|BatchMatMul)$/.test(name)) return sum + 2 * output * inputShapes[0]!.at(-1)!;
    return sum;
  }, 0);
}
