import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadInTurn } from "./load-lock.ts";

const require = createRequire(import.meta.url);

/** The package's own folder, whether this file runs from `src/` or from `dist/`. */
export const packageRoot: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Where a native TensorFlow may come from, in the order in which they are tried. */
const candidates = [
  { name: "tfjs-node-gpu", specifier: "@tensorflow/tfjs-node-gpu" },
  { name: "tfjs-node", specifier: "@tensorflow/tfjs-node" },
  {
    name: "tfjs-node built by `npm run native`",
    specifier: join(packageRoot, "native/node_modules/@tensorflow/tfjs-node"),
  },
] as const;

export interface NativeBinding {
  /** Which package was loaded, for people. */
  readonly name: string;
  /** Version of the libtensorflow behind it, e.g. `2.21.0`; null when the package does not say. */
  readonly libtensorflow: string | null;
}

/**
 * Loads the first native TensorFlow binding that works and registers its backend under the name `tensorflow`.
 *
 * @returns the binding, or the reasons why each candidate failed (one sentence each; candidates that are not
 *   installed are left out).
 */
export function loadNativeBinding():
  | { binding: NativeBinding; failures: readonly string[] }
  | { binding: null; failures: readonly string[] } {
  // The C++ side logs its CPU features to stderr otherwise.
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

/** Whether there is a native TensorFlow to try; it may still fail to load. */
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
