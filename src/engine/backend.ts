import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { TelltaleError } from "../errors.ts";
import { loadNativeBinding } from "./native-binding.ts";
import { tf } from "./tensorflow.ts";
import { registerGradientKernels } from "./wasm-gradients.ts";

const require = createRequire(import.meta.url);

export const backendNames = ["tensorflow", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];
export type BackendRequest = BackendName | "auto";

export interface Backend {
  readonly name: BackendName;
  /** Readable description: package, version of libtensorflow, SIMD. */
  readonly detail: string;
  /** Why faster backends are not used, one sentence each. */
  readonly passedOver: readonly string[];
}

/**
 * Sets the TensorFlow.js backend of this thread: the given one, or with `auto` the first that loads of `tensorflow`
 * (native), `wasm` (SIMD) and `cpu` (plain JavaScript).
 *
 * @throws TelltaleError `BACKEND_UNAVAILABLE` if the given backend does not load.
 */
export async function useBackend(request: BackendRequest = "auto"): Promise<Backend> {
  const passedOver: string[] = [];
  const order = request === "auto" ? backendNames : [request];
  for (const name of order) {
    const attempt = await starters[name]();
    if (attempt.detail !== null) return { name, detail: attempt.detail, passedOver };
    passedOver.push(attempt.reason);
  }
  throw new TelltaleError(
    "BACKEND_UNAVAILABLE",
    `Expected backend "${request}" to load, but ${passedOver.join("; ")}. ` +
      "Run `telltale doctor` to see what works here, or leave --backend out.",
  );
}

type Attempt = { detail: string } | { detail: null; reason: string };

const starters: Record<BackendName, () => Promise<Attempt>> = {
  async tensorflow() {
    const { binding, failures } = loadNativeBinding();
    if (binding === null) {
      const why = failures.length > 0 ? failures.join("; ") : "no native TensorFlow is installed";
      return { detail: null, reason: `${why} (\`npm run native\` builds one)` };
    }
    if (!(await tf.setBackend("tensorflow"))) {
      return { detail: null, reason: `${binding.name} loads but does not start` };
    }
    return { detail: `${binding.name}, libtensorflow ${binding.libtensorflow ?? "of unknown version"}` };
  },

  async wasm() {
    try {
      const wasm = await import("@tensorflow/tfjs-backend-wasm");
      wasm.setWasmPaths(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + sep);
      // Node cannot start its pthread worker from a blob: URL; our worker pool is used instead.
      tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      if (!(await tf.setBackend("wasm"))) return { detail: null, reason: "WebAssembly does not start here" };
      registerGradientKernels("wasm");
      const hasSimd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
      return { detail: `WebAssembly ${hasSimd ? "with SIMD" : "without SIMD"}` };
    } catch (error) {
      return { detail: null, reason: `WebAssembly does not load: ${(error as Error).message}` };
    }
  },

  async cpu() {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    // Suppresses the advertisement for tfjs-node.
    (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
    return { detail: "plain JavaScript" };
  },
};
