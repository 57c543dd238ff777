import { createRequire } from "node:module";

/** The installed version of TensorFlow.js, without loading it. */
export function engineVersion(): string {
  return createRequire(import.meta.url)("@tensorflow/tfjs-core/package.json").version;
}
