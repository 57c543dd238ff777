import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadInTurn } from "./load-lock.ts";

const require = createRequire(import.meta.url);

/** Root folder of this package, for code in `src/` and in `dist/`. */
export const packageRoot: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Packages with a native TensorFlow, in the order in which they are tried. */
const candidates = [
  { name: "tfjs-node-gpu", specifier: "@tensorflow/tfjs-node-gpu" },
  { name: "tfjs-node", specifier: "@tensorflow/tfjs-node" },
  {
    name: "tfjs-node built by `npm run native`",
    specifier: join(packageRoot, "native/node_modules/@tensorflow/tfjs-node"),
  },
] as const;

export interface NativeBinding {
  /** Readable name of the loaded package. */
  readonly name: string;
  /** Version of libtensorflow, e.g. `2.21.0`; null if unknown. */
  readonly libtensorflow: string | null;
}

/**
 * Loads the first native TensorFlow binding that works and registers its backend as `tensorflow`.
 *
 * @returns the binding or null, and why candidates failed, one sentence each (without those that are not installed)
 */
export function loadNativeBinding():
  | { binding: NativeBinding; failures: readonly string[] }
  | { binding: null; failures: readonly string[] } {
  // Otherwise the C++ library logs CPU features to stderr.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const failures: string[] = [];
  for (const { name, specifier } of candidates) {
    if (!isInstalled(specifier)) continue;
    try {
      const loaded = loadInTurn(() => require(specifier) as { version?: Record<string, string> });
      return {
        binding: { name, libtensorflow: loaded.version?.libtensorflow ?? libraryVersion(specifier) },
        failures,
      };
    } catch (error) {
      failures.push(`${name} does not load: ${firstLine(error)}`);
    }
  }
  return { binding: null, failures };
}

/** Whether a native TensorFlow is installed. It may still fail to load. */
export function hasNativePackage(): boolean {
  return candidates.some(({ specifier }) => isInstalled(specifier));
}

function isInstalled(specifier: string): boolean {
  if (specifier.startsWith("@")) {
    try {
      require.resolve(specifier);
      return true;
    } catch {
      return false;
    }
  }
  return existsSync(join(specifier, "lib/napi-v8/tfjs_binding.node"));
}

function libraryVersion(specifier: string): string | null {
  try {
    const binding = require(join(specifier, "lib/napi-v8/tfjs_binding.node")) as { TF_Version?: string };
    return binding.TF_Version ?? null;
  } catch {
    return null;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
