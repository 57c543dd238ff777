import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../engine/native-binding.ts";
import { TelltaleError } from "../errors.ts";
import { MANIFEST_SCHEMA, type ModelManifest, modelManifestSchema } from "./manifest.ts";

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
