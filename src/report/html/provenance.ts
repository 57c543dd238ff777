import { credentialFacts, pixelsSentence, provenanceSentence, shownValue } from "../provenance.ts";
import type { FileReport } from "../schema.ts";
import { html, type Markup } from "./markup.ts";

/** What the file says of its origin: one line, and what is behind it to fold out. */
export function origin(report: FileReport): Markup | null {
  const { provenance } = report;
  if (!provenance) return null;
  const { credentials, evidence, notRead } = provenance;
  const pixels = pixelsSentence(report);
  const sentence = provenanceSentence(provenance);
  const rows = [
    ...evidence.map(({ where, value, means, signed }): [string, string] => [
      where,
      `${shownValue(value)} (${means.replace(/\.$/, "")}; ${signed ? "signed" : "not signed"})`,
    ]),
    ...(credentials === null ? [] : credentialFacts(credentials)),
  ];
  const list = rows.map(([name, value]) => html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`);
  const more = html`<details><summary>What the file says in detail</summary>
${rows.length > 0 && html`<dl class="facts">${list}</dl>`}
${notRead.map((note) => html`<p class="caption">${note}</p>`)}</details>`;
  return html`<section class="origin"><h3>What the file says of itself</h3>
<p${credentials?.state === "invalid" ? html` class="warning"` : ""}>${sentence}</p>${pixels === null ? null : html`<p>${pixels}</p>`}
${rows.length + notRead.length > 0 ? more : null}</section>`;
}
