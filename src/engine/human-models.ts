import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Path of a network that the package @vladmandic/human (MIT) carries: face detector, 468-point mesh, face description.
 *
 * The package's `exports` hide its models, so they are found beside its entry point.
 */
export function humanModelPath(name: "blazeface" | "facemesh" | "faceres"): string {
  const entry = createRequire(import.meta.url).resolve("@vladmandic/human");
  return join(dirname(entry), "../models", `${name}.json`);
}
