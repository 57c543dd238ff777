// Run by `npm run build` after tsc: bundles the scoring worker into one file. Loading TensorFlow.js from its packages takes half
// a second, most of it for kernels, gradients and layers that scoring does not use.
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const root = resolve(import.meta.dirname, "..");

/** The layers package only registers gradients, which scoring does not need. */
const withoutGradients: Plugin = {
  name: "without-gradients",
  setup(build) {
    build.onResolve({ filter: /^@tensorflow\/tfjs-layers$/ }, ({ path }) => ({
      path: join(root, "node_modules", path, "dist/index.js"),
      sideEffects: false,
    }));
  },
};

/** Only loaded if WebAssembly does not start. */
const withoutPlainBackend: Plugin = {
  name: "without-plain-backend",
  setup(build) {
    build.onResolve({ filter: /^@tensorflow\/tfjs-backend-cpu$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** Bundles `src/detection/frame-worker.ts`. Native TensorFlow uses the unbundled output of tsc. */
export async function buildWorker(
  outfile = join(root, "dist/detection/frame-worker.bundle.js"),
): Promise<void> {
  await build({
    entryPoints: [join(root, "src/detection/frame-worker.ts")],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    // Loaded on demand, e.g. the native module sharp.
    external: ["sharp", "node-fetch"],
    plugins: [withoutGradients, withoutPlainBackend],
    // Used by CommonJS packages in the bundle.
    banner: {
      js: 'import * as nodeModule from "node:module"; const require = nodeModule.createRequire(import.meta.url), __dirname = decodeURI(new URL(".", import.meta.url).pathname);',
    },
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
  });
}

if (process.argv[1] === import.meta.filename) await buildWorker();
