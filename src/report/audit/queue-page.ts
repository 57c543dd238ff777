import { html, Markup } from "../html/markup.ts";
import { style } from "../html/style.ts";
import { auditStyle } from "./style.ts";

/** What a queue holds at one moment. */
export interface QueueState {
  /** Tasks by state: waiting, active, delayed (to be tried again), completed, failed. */
  readonly counts: Readonly<Record<string, number>>;
  /** Names of the workers that are connected. */
  readonly workers: readonly string[];
  /** Tasks that are being analyzed. */
  readonly active: readonly {
    readonly path: string;
    readonly attempts: number;
    readonly sinceMs: number | null;
    readonly worker?: string;
    readonly done?: number;
    readonly total?: number | null;
  }[];
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

/** How often the page is loaded again. */
const REFRESH_SEC = 2;

/** States for people. */
const stateWords: Readonly<Record<string, string>> = {
  waiting: "waiting",
  active: "being analyzed",
  delayed: "to be tried again",
  completed: "done",
  failed: "failed",
};

/** A queue as a page that keeps itself up to date without a script. */
export function formatQueuePage({ counts, workers, active, failed }: QueueState, now: Date): string {
  const states = Object.entries(counts).map(
    ([state, tasks]) =>
      html`<li class="${state === "failed" && tasks > 0 ? "inconclusive" : "failed"}"><strong>${tasks.toLocaleString("en")}</strong><span>${stateWords[state] ?? state}</span></li>`,
  );
  const rows = active.map(({ path, worker, done = 0, total, attempts, sinceMs }) => {
    const since = sinceMs === null ? "" : humanTime((now.getTime() - sinceMs) / 1000);
    const progress = total
      ? html`<progress value="${done}" max="${total}"></progress> ${done} of ${total} frames`
      : html`${done} frames`;
    return html`<li class="failed"><div class="about"><p class="path"><bdi>${path}</bdi></p><p>${progress}</p><p class="caption">${worker ?? "starting"}${since && `, for ${since}`}${attempts > 1 && `, attempt ${attempts}`}</p></div></li>`;
  });
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_SEC}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Telltale queue</title><style>${new Markup(style + auditStyle)}</style></head>
<body><header><h1>Telltale queue</h1><h2>${headline(counts)}</h2></header><main><ul class="counts">${states}</ul>
<h3>Being analyzed</h3>${rows.length === 0 ? html`<p>Nothing at the moment.</p>` : html`<ol class="files">${rows}</ol>`}
${failed.length === 0 ? null : html`<h3>Failed</h3><ul class="plain">${failed.map(({ path, why }) => html`<li><bdi>${path}</bdi>: ${why}</li>`)}</ul>`}
<h3>Workers: ${workers.length}</h3>${workers.length === 0 ? html`<p class="warning">No worker is connected. Start one with <code>telltale worker --redis URL</code>.</p>` : html`<ul class="plain">${workers.map((name) => html`<li>${name}</li>`)}</ul>`}
<p class="caption">As of ${now.toTimeString().slice(0, 8)}. The page reloads every ${REFRESH_SEC} s.</p></main></body></html>
`.text;
}

function headline({ waiting = 0, active = 0, delayed = 0, completed = 0 }: QueueState["counts"]): string {
  const left = waiting + active + delayed;
  const files = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "file" : "files"}`;
  return left === 0
    ? `${files(completed)} done, none left`
    : `${files(left)} left, ${completed.toLocaleString("en")} done`;
}

/** e.g. `42 s`, `3 min 5 s`, `2 h 10 min`. */
function humanTime(seconds: number): string {
  const sec = Math.max(0, Math.round(seconds));
  if (sec < 60) return `${sec} s`;
  const min = Math.floor(sec / 60);
  return min < 60 ? `${min} min ${sec % 60} s` : `${Math.floor(min / 60)} h ${min % 60} min`;
}
