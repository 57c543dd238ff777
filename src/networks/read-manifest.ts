import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../engine/native-binding.ts";
import { TelltaleError } from "../errors.ts";
import { MANIFEST_SCHEMA, type ModelManifest, modelManifestSchema } from "./manifest.ts";
import { readCheckedJson } from "./read-checked-json.ts";

/** Folder of the bundled models. */
export const modelsDir: string = join(packageRoot, "models");
/** Folder of the default model. */
export const defaultModelDir: string = join(modelsDir, "face");

/**
 * Reads and checks the manifest of a model.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, "manifest.json");
  return readCheckedJson(path, {
    schema: modelManifestSchema,
    expected: `a model manifest of schema ${MANIFEST_SCHEMA}`,
    missing: `Expected a model folder with a manifest.json at ${folder}, but there is none. \`telltale models\` lists the models that are here.`,
    checkVersion: (json) => checkVersion(path, json),
  });
}

function checkVersion(path: string, json: unknown): void {
  const { schema } = (json ?? {}) as { schema?: unknown };
  if (typeof schema !== "number" || schema === MANIFEST_SCHEMA) return;
  const advice =
    schema < MANIFEST_SCHEMA
      ? "an earlier telltale made it. Train the model again with `telltale train detector`, or use the model that comes with telltale"
      : "a later telltale made it. Update telltale";
  throw new TelltaleError(
    "MODEL_INVALID",
    `Expected a model manifest of schema ${MANIFEST_SCHEMA} in ${path}, but it has schema ${schema}: ${advice}.`,
  );
}

/** All model folders below `folder`, sorted by name; folders without a manifest are skipped. */
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
