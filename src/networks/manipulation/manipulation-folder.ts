import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TelltaleError } from "../../errors.ts";
import { writeWhole } from "../../files/write-file.ts";
import { fromFloat16Bytes } from "../float16.ts";
import { toFloat16Bytes } from "../to-float16.ts";
import { type ManipulationModel, manipulationModelFromWeights } from "./manipulation-model.ts";
import { manipulationNetworkSchema } from "./manipulation-network.ts";

const schema = z.strictObject({
  schema: z.literal(1),
  network: manipulationNetworkSchema,
  weights: z.strictObject({
    file: z.string().min(1),
    dtype: z.literal("float16"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  steps: z.int().min(0).describe("Steps of training"),
  margin: z.number().positive().describe("Side of the crop as a multiple of the face"),
  trainedOn: z.array(z.string()).describe("Data sources, or the folders of the two people"),
});

/** What stands beside a forger's weights, in `forger.json`. */
export type ManipulationManifest = z.infer<typeof schema>;

/** Writes `forger.bin` (16 bits), then `forger.json`. */
export async function saveManipulationModel(
  folder: string,
  { network, parameters }: ManipulationModel,
  about: Pick<ManipulationManifest, "steps" | "margin" | "trainedOn">,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = toFloat16Bytes(parameters.toFloat32());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const weights = { file: "forger.bin", dtype: "float16", sha256 };
  const manifest = schema.parse({ schema: 1, network, weights, ...about });
  await writeWhole(join(folder, weights.file), bytes);
  await writeWhole(join(folder, "forger.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadManipulationModel(
  folder: string,
): Promise<{ model: ManipulationModel; manifest: ManipulationManifest }> {
  const path = join(folder, "forger.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const sentence = `Expected a forger (forger.json) in ${folder}, but there is none; \`telltale train restoration\` and \`telltale train swap\` write one.`;
    throw new TelltaleError("MODEL_MISSING", sentence, { cause });
  });
  const manifest = parse(text, path);
  const file = join(folder, manifest.weights.file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    const sentence = `Expected the forger's weights at ${file}, but they cannot be read.`;
    throw new TelltaleError("MODEL_MISSING", sentence, { cause });
  });
  if (createHash("sha256").update(bytes).digest("hex") !== manifest.weights.sha256) {
    const sentence = `Expected the weights that ${path} names in ${file}, but they are others: the file was changed or cut short.`;
    throw new TelltaleError("MODEL_MISMATCH", sentence);
  }
  return { model: manipulationModelFromWeights(manifest.network, fromFloat16Bytes(bytes)), manifest };
}

function parse(text: string, path: string): ManipulationManifest {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const sentence = `Expected a forger's manifest of schema 1 in ${path}, but it is wrong: ${(cause as Error).message.slice(0, 200)}.`;
    throw new TelltaleError("MODEL_INVALID", sentence, { cause });
  }
}
