import { fileURLToPath } from "node:url";

/**
 * Path of a bundled graph model of @vladmandic/human (MIT): face detector, 468-point mesh or face description.
 */
export function humanModelPath(name: "blazeface" | "facemesh" | "faceres"): string {
  return fileURLToPath(new URL(`../../models/${name}/${name}.json`, import.meta.url));
}
