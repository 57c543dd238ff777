import { TelltaleError } from "../errors.ts";
import type { Judgement, JudgeTask } from "./judge.ts";
import { TaskJudge } from "./judge-task.ts";

/** How a judging process is started: its one argument, as JSON. */
export interface JudgeProcessOptions {
  readonly model: string;
  readonly backend: "auto" | "tensorflow" | "wasm" | "cpu";
  readonly scratch: string;
}

/** What a judging process answers. */
export type JudgeAnswer =
  | { readonly kind: "progress"; readonly id: string; readonly done: number; readonly total: number | null }
  | { readonly kind: "judged"; readonly id: string; readonly judgement: Judgement }
  | { readonly kind: "failed"; readonly id: string; readonly code: string | null; readonly message: string };

// A process of its own, since only a process can be given up: a decoder that hangs or crashes takes nothing else along.
const { model, backend, scratch } = JSON.parse(process.argv[2]!) as JudgeProcessOptions;
const judge = new TaskJudge({ model, backend }, scratch);
const stop = new AbortController();
const answer = (message: JudgeAnswer) => process.send?.(message);

process.on("message", async (task: JudgeTask) => {
  const { id } = task;
  try {
    const onProgress = (done: number, total: number | null) => answer({ kind: "progress", id, done, total });
    answer({ kind: "judged", id, judgement: await judge.judge(task, { signal: stop.signal, onProgress }) });
  } catch (error) {
    const code = error instanceof TelltaleError ? error.code : null;
    answer({ kind: "failed", id, code, message: error instanceof Error ? error.message : String(error) });
  }
});
// However the parent ends, this ends with it, and with this its decoders.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole group; what it means is the parent's to say.
process.on("SIGINT", () => {});
