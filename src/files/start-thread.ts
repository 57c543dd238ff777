import { Worker, type WorkerOptions } from "node:worker_threads";

/** Starts a module as a worker thread, also from TypeScript sources. */
export function startThread(module: URL, options: WorkerOptions): Worker {
  if (!module.pathname.endsWith(".ts")) return new Worker(module, options);
  // Node 20 does not hand `--import tsx` on to a worker's loader, so the worker registers it itself.
  const bootstrap = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })`;
  return new Worker(bootstrap, { ...options, eval: true });
}
