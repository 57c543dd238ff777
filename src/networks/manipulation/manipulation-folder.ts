import { join } from "node:path";
import { z } from "zod";
import { readCheckedJson } from "../read-checked-json.ts";
import { readWeights, weightsSchema } from "../weights-file.ts";
import { writeModel } from "../write-model.ts";
import { type ManipulationModel, manipulationModelFromWeights } from "./manipulation-model.ts";
import { manipulationNetworkSchema } from "./manipulation-network.ts";

const schema = z.strictObject({
  schema: z.literal(1),
  network: manipulationNetworkSchema,
  weights: weightsSchema,
  steps: z.int().min(0).describe("Steps of training"),
  margin: z.number().positive().describe("Side of the crop as a multiple of the face"),
  trainedOn: z.array(z.string()).describe("Data sources, or the folders of the two people"),
});

/** Content of `forger.json`. */
export type ManipulationManifest = z.infer<typeof schema>;

/** Writes `forger.bin` and `forger.json`. */
export async function saveManipulationModel(
  folder: string,
  { network, parameters }: ManipulationModel,
  about: Pick<ManipulationManifest, "steps" | "margin" | "trainedOn">,
): Promise<void> {
  await writeModel(folder, parameters.toFloat32(), {
    files: { manifest: "forger.json", weights: "forger.bin" },
    manifestOf: (weights) => schema.parse({ schema: 1, network, weights, ...about }),
  });
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadManipulationModel(
  folder: string,
): Promise<{ model: ManipulationModel; manifest: ManipulationManifest }> {
  const manifest = await readCheckedJson(join(folder, "forger.json"), {
    schema,
    expected: "a manifest of a manipulation model of schema 1",
    missing: `Expected a manipulation model (forger.json) in ${folder}, but there is none; \`telltale train restoration\` and \`telltale train swap\` write one.`,
  });
  const values = await readWeights(folder, manifest);
  return { model: manipulationModelFromWeights(manifest.network, values), manifest };
}
