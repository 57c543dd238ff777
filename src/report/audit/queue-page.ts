import { html, Markup } from "../html/markup.ts";
import { style } from "../html/style.ts";
import { auditStyle } from "./style.ts";

/** What a queue holds at one moment. */
export interface QueueState {
  /** Tasks by state: waiting, active, delayed (to be tried again), completed, failed. */
  readonly counts: Readonly<Record<string, number>>;
  /** Names of the workers that are connected. */
  readonly workers: readonly string[];
  /** Tasks that are being judged. */
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

/** How often the page is loaded anew. */
const REFRESH_SEC = 2;

/** A queue as a page that keeps itself up to date without a script. */
export function formatQueuePage({ counts, workers, active, failed }: QueueState, now: Date): string {
  const states = Object.entries(counts).map(
    ([state, tasks]) =>
      html`<li class="${state === "failed" && tasks > 0 ? "forged" : "failed"}"><strong>${tasks}</strong><span>${state}</span></li>`,
  );
  const rows = active.map(({ path, worker, done = 0, total, attempts, sinceMs }) => {
    const sec = sinceMs === null ? "" : `${Math.max(0, Math.round((now.getTime() - sinceMs) / 1000))} s`;
    return html`<tr><th scope="row"><bdi>${path}</bdi></th><td>${worker ?? "…"}</td><td>${done} of ${total ?? "?"} frames</td><td>${attempts}</td><td>${sec}</td></tr>`;
  });
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_SEC}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Telltale queue</title><style>${new Markup(style + auditStyle)}</style></head>
<body><header><h1>Telltale queue</h1></header><main><ul class="counts">${states}</ul>
<h2>Workers: ${workers.length}</h2>${workers.length === 0 ? html`<p class="warning">Nobody takes tasks. Start <code>telltale worker --redis URL</code>.</p>` : html`<ul>${workers.map((name) => html`<li>${name}</li>`)}</ul>`}
<h2>Being judged</h2>${rows.length === 0 ? html`<p>Nothing.</p>` : html`<div class="scroll" tabindex="0" role="group" aria-label="Tasks being judged"><table><thead><tr><th scope="col">File</th><th scope="col">Worker</th><th scope="col">Progress</th><th scope="col">Attempt</th><th scope="col">Since</th></tr></thead><tbody>${rows}</tbody></table></div>`}
${failed.length === 0 ? null : html`<h2>Failed</h2><ul>${failed.map(({ path, why }) => html`<li><bdi>${path}</bdi>: ${why}</li>`)}</ul>`}
<p class="caption">${now.toISOString()}, anew every ${REFRESH_SEC} s.</p></main></body></html>
`.text;
}
