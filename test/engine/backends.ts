import { type BackendName, useBackend } from "../../src/engine/index.ts";

/** Why the native backend cannot be tested here, one sentence; null where it can. */
export const nativeMissing: string | null = await useBackend("tensorflow").then(
  () => null,
  (error: Error) => error.message,
);
if (nativeMissing !== null) console.warn(`Tests of the tensorflow backend are skipped. ${nativeMissing}`);

/** Backends that load here. */
export const backendsHere: readonly BackendName[] = [
  ...(nativeMissing === null ? (["tensorflow"] as const) : []),
  "wasm",
  "cpu",
];
