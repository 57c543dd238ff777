import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { io } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

export type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
/** Keras-like layers, for exported models only; our networks are functions over tensors. */
export * as layers from "@tensorflow/tfjs-layers";

/** Writes `model.json` and `weights.bin` for `tf.loadLayersModel`. */
export async function writeLayersModel(folder: string, model: LayersModel): Promise<void> {
  await mkdir(folder, { recursive: true });
  await model.save({
    async save(artifacts: io.ModelArtifacts) {
      const { modelTopology, weightSpecs, weightData } = artifacts;
      const parts = [weightData!].flat().map((part) => new Uint8Array(part));
      await writeFile(join(folder, "weights.bin"), Buffer.concat(parts));
      const json = {
        format: "layers-model",
        generatedBy: "telltale",
        modelTopology,
        weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
      };
      await writeFile(join(folder, "model.json"), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    },
  });
}
