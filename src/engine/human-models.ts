import { fileURLToPath } from "node:url";

/**
 * Path of a graph model of the project @vladmandic/human (MIT): face detector, 468-point mesh, face description.
 *
 * `models/NAME` holds each with its licence.
 */
export function humanModelPath(name: "blazeface" | "facemesh" | "faceres"): string {
  return fileURLToPath(new URL(`../../models/${name}/${name}.json`, import.meta.url));
}
