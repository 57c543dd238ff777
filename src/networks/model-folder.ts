import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { packageRoot } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import { writeWhole } from "../files/write-file.ts";
import { type Discriminator, restoreDiscriminator } from "./discriminator.ts";
import { MANIFEST_SCHEMA, type ModelManifest, modelManifestSchema } from "./manifest.ts";
import { fromFloat16Bytes, toFloat16Bytes } from "./parameters.ts";

/** Folder of the models that ship. */
export const modelsDir: string = join(packageRoot, "models");
/** The model that is used when none is named. */
export const defaultModelDir: string = join(modelsDir, "face");

/**
 * Reads and checks a model's manifest.
 *
 * @throws TelltaleError `MODEL_MISSING` when there is none, `MODEL_INVALID` when it is wrong
 */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, "manifest.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new TelltaleError(
      "MODEL_MISSING",
      `Expected a model folder with a manifest.json at ${folder}, but there is none. \`telltale models\` lists the models that are here.`,
      { cause: error },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TelltaleError("MODEL_INVALID", `Expected JSON in ${path}, but it does not parse.`, {
      cause: error,
    });
  }
  const { schema } = (json ?? {}) as { schema?: unknown };
  if (typeof schema === "number" && schema !== MANIFEST_SCHEMA) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected a model manifest of schema ${MANIFEST_SCHEMA} in ${path}, but it has schema ${schema}: ${schema < MANIFEST_SCHEMA ? "an earlier telltale made it. Train the model again with `telltale train detector`, or use the model that comes with telltale" : "a later telltale made it. Update telltale"}.`,
    );
  }
  const parsed = modelManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new TelltaleError(
    "MODEL_INVALID",
    `Expected a model manifest of schema ${MANIFEST_SCHEMA} in ${path}, but "${issue.path.join(".")}" is wrong: ${issue.message}.`,
  );
}

/**
 * Reads a model from its folder and puts it on the current backend.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`; `MODEL_MISMATCH` when the weights are not those that the
 *   manifest names
 */
export async function loadModel(
  folder: string,
): Promise<{ discriminator: Discriminator; manifest: ModelManifest }> {
  const manifest = await readManifest(folder);
  const path = join(folder, manifest.weights.file);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new TelltaleError(
      "MODEL_MISSING",
      `Expected the model's weights at ${path}, but they cannot be read.`,
      {
        cause: error,
      },
    );
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== manifest.weights.sha256) {
    throw new TelltaleError(
      "MODEL_MISMATCH",
      `Expected weights with SHA-256 ${manifest.weights.sha256.slice(0, 12)}... in ${path}, but they have ${sha256.slice(0, 12)}...: the file was changed or cut short. Take the model folder anew.`,
    );
  }
  const values = fromFloat16Bytes(bytes);
  return { discriminator: restoreDiscriminator(manifest.architecture, values, manifest.network), manifest };
}

/**
 * Writes a model folder: `weights.bin` (16 bits) first, then `manifest.json`, so that a cut leaves no half model.
 *
 * @returns the manifest as written
 */
export async function saveModel(
  folder: string,
  values: Float32Array,
  manifest: Omit<z.input<typeof modelManifestSchema>, "schema" | "weights">,
): Promise<ModelManifest> {
  await mkdir(folder, { recursive: true });
  const bytes = toFloat16Bytes(values);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await writeWhole(join(folder, "weights.bin"), bytes);
  const full = modelManifestSchema.parse({
    schema: MANIFEST_SCHEMA,
    ...manifest,
    weights: { file: "weights.bin", dtype: "float16", sha256 },
  });
  await writeWhole(join(folder, "manifest.json"), `${JSON.stringify(full, null, 2)}\n`);
  return full;
}

/** Every model folder under `folder`, by name of its folder; folders without a manifest are passed over. */
export async function listModels(
  folder: string = modelsDir,
): Promise<{ folder: string; manifest: ModelManifest }[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const models: { folder: string; manifest: ModelManifest }[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    try {
      models.push({ folder: path, manifest: await readManifest(path) });
    } catch (error) {
      if (!(error instanceof TelltaleError && error.code === "MODEL_MISSING")) throw error;
    }
  }
  return models;
}
