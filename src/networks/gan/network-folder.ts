import { join } from "node:path";
import { z } from "zod";
import { architectures } from "../architecture-names.ts";
import { type Discriminator, discriminatorFromWeights } from "../discriminator.ts";
import { readCheckedJson } from "../read-checked-json.ts";
import { readWeights, weightsSchema } from "../weights-file.ts";
import { writeModel } from "../write-model.ts";
import { ganNetworkSchema } from "./gan-network-schema.ts";
import { type Generator, generatorFromWeights } from "./generator.ts";

const schema = z.strictObject({
  schema: z.literal(1),
  architecture: z.enum(architectures),
  network: ganNetworkSchema,
  weights: weightsSchema,
  kimg: z.number().min(0).describe("Thousands of real images that it was trained on"),
  crop: z.enum(["face", "whole"]),
  margin: z.number().positive(),
  trainedOn: z.array(z.string()).describe("Data sources"),
});

/** Content of `generator.json` or `discriminator.json`: one network of a GAN. */
export type GanManifest = z.infer<typeof schema>;
type Kind = "generator" | "discriminator";

/** Writes `generator.bin` and `generator.json`, or those of a discriminator. */
export async function saveGanNetwork(
  folder: string,
  kind: Kind,
  values: Float32Array,
  about: Omit<GanManifest, "schema" | "weights">,
): Promise<void> {
  await writeModel(folder, values, {
    files: { manifest: `${kind}.json`, weights: `${kind}.bin` },
    manifestOf: (weights) => schema.parse({ schema: 1, ...about, weights }),
  });
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadGenerator(
  folder: string,
): Promise<{ generator: Generator; manifest: GanManifest }> {
  const manifest = await readGanManifest(folder, "generator");
  const values = await readWeights(folder, manifest);
  return { generator: generatorFromWeights(manifest.network, values), manifest };
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadGanDiscriminator(
  folder: string,
): Promise<{ discriminator: Discriminator; manifest: GanManifest }> {
  const manifest = await readGanManifest(folder, "discriminator");
  const values = await readWeights(folder, manifest);
  return {
    discriminator: discriminatorFromWeights(manifest.architecture, values, manifest.network),
    manifest,
  };
}

/** Reads the manifest without the weights. @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID` */
export async function readGanManifest(folder: string, kind: Kind): Promise<GanManifest> {
  return readCheckedJson(join(folder, `${kind}.json`), {
    schema,
    expected: "a GAN manifest of schema 1",
    missing: `Expected a ${kind} (${kind}.json) in ${folder}, but there is none; \`telltale train gan\` writes one.`,
  });
}
