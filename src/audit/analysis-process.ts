import { TelltaleError } from "../errors.ts";
import type { AnalysisOutput, AnalysisTask } from "./analyzer.ts";
import { TaskAnalyzer } from "./task-analyzer.ts";

/** The only argument of an analysis process, as JSON. */
export interface AnalysisProcessOptions {
  readonly model: string;
  readonly backend: "auto" | "tensorflow" | "wasm" | "cpu";
  readonly scratch: string;
}

/** Messages from an analysis process to its parent. */
export type ProcessMessage =
  | { readonly kind: "progress"; readonly id: string; readonly done: number; readonly total: number | null }
  | { readonly kind: "analyzed"; readonly id: string; readonly output: AnalysisOutput }
  | { readonly kind: "failed"; readonly id: string; readonly code: string | null; readonly message: string };

// A separate process, because a process that hangs or crashes can be killed without harm to the others.
const { model, backend, scratch } = JSON.parse(process.argv[2]!) as AnalysisProcessOptions;
const analyzer = new TaskAnalyzer({ model, backend }, scratch);
const stop = new AbortController();
const send = (message: ProcessMessage) => process.send?.(message);

process.on("message", async (task: AnalysisTask) => {
  const { id } = task;
  try {
    const onProgress = (done: number, total: number | null) => send({ kind: "progress", id, done, total });
    send({ kind: "analyzed", id, output: await analyzer.analyze(task, { signal: stop.signal, onProgress }) });
  } catch (error) {
    const code = error instanceof TelltaleError ? error.code : null;
    send({ kind: "failed", id, code, message: error instanceof Error ? error.message : String(error) });
  }
});
// Exits with the parent, however that ends; decoders exit with this process.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group. The parent handles it.
process.on("SIGINT", () => {});
