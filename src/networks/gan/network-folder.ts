import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TelltaleError } from "../../errors.ts";
import { writeWhole } from "../../files/write-file.ts";
import { architectures } from "../architecture-names.ts";
import { type Discriminator, discriminatorFromWeights } from "../discriminator.ts";
import { fromFloat16Bytes } from "../float16.ts";
import { toFloat16Bytes } from "../to-float16.ts";
import { ganNetworkSchema } from "./gan-network-schema.ts";
import { type Generator, generatorFromWeights } from "./generator.ts";

const schema = z.strictObject({
  schema: z.literal(1),
  architecture: z.enum(architectures),
  network: ganNetworkSchema,
  weights: z.strictObject({
    file: z.string().min(1),
    dtype: z.literal("float16"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  kimg: z.number().min(0).describe("Thousands of real pictures that it was trained on"),
  crop: z.enum(["face", "whole"]),
  margin: z.number().positive(),
  trainedOn: z.array(z.string()).describe("Data sources"),
});

/** What stands beside the weights of one network of a GAN, in `generator.json` or `discriminator.json`. */
export type GanManifest = z.infer<typeof schema>;
type Kind = "generator" | "discriminator";

/** Writes `generator.bin` (16 bits), then `generator.json`; or those of a discriminator. */
export async function saveGanNetwork(
  folder: string,
  kind: Kind,
  values: Float32Array,
  manifest: Omit<GanManifest, "schema" | "weights">,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = toFloat16Bytes(values);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const weights = { file: `${kind}.bin`, dtype: "float16", sha256 };
  const full = schema.parse({ schema: 1, ...manifest, weights });
  await writeWhole(join(folder, weights.file), bytes);
  await writeWhole(join(folder, `${kind}.json`), `${JSON.stringify(full, null, 2)}\n`);
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadGenerator(
  folder: string,
): Promise<{ generator: Generator; manifest: GanManifest }> {
  const { manifest, values } = await read(folder, "generator");
  return { generator: generatorFromWeights(manifest.network, values), manifest };
}

/** @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH` */
export async function loadGanDiscriminator(
  folder: string,
): Promise<{ discriminator: Discriminator; manifest: GanManifest }> {
  const { manifest, values } = await read(folder, "discriminator");
  return {
    discriminator: discriminatorFromWeights(manifest.architecture, values, manifest.network),
    manifest,
  };
}

/** What stands beside the weights, without them. @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID` */
export async function readGanManifest(folder: string, kind: Kind): Promise<GanManifest> {
  const path = manifestPath(folder, kind);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const sentence = `Expected a ${kind} (${kind}.json) in ${folder}, but there is none; \`telltale train gan\` writes one.`;
    throw new TelltaleError("MODEL_MISSING", sentence, { cause });
  });
  return parse(text, path);
}

const manifestPath = (folder: string, kind: Kind) => join(folder, `${kind}.json`);

async function read(folder: string, kind: Kind): Promise<{ manifest: GanManifest; values: Float32Array }> {
  const manifest = await readGanManifest(folder, kind);
  const file = join(folder, manifest.weights.file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    const sentence = `Expected the ${kind}'s weights at ${file}, but they cannot be read.`;
    throw new TelltaleError("MODEL_MISSING", sentence, { cause });
  });
  if (createHash("sha256").update(bytes).digest("hex") !== manifest.weights.sha256) {
    const sentence = `Expected the weights that ${manifestPath(folder, kind)} names in ${file}, but they are others: the file was changed or cut short.`;
    throw new TelltaleError("MODEL_MISMATCH", sentence);
  }
  return { manifest, values: fromFloat16Bytes(bytes) };
}

function parse(text: string, path: string): GanManifest {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const sentence = `Expected a GAN's manifest of schema 1 in ${path}, but it is wrong: ${(cause as Error).message.slice(0, 200)}.`;
    throw new TelltaleError("MODEL_INVALID", sentence, { cause });
  }
}
