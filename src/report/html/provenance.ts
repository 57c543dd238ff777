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
  const rows = evidence.map(
    ({ where, value, means, signed }) =>
      html`<tr><th scope="row">${where}</th><td><bdi>${shownValue(value)}</bdi></td><td>${means}</td><td>${signed ? "yes" : "no"}</td></tr>`,
  );
  const facts = credentials === null ? [] : credentialFacts(credentials);
  const more = html`<details><summary>What the file says in detail</summary>
${rows.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-label="Statements of the file"><table><thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">Meaning</th><th scope="col">Signed</th></tr></thead><tbody>${rows}</tbody></table></div>`}
${facts.length > 0 && html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd><bdi>${value}</bdi></dd>`)}</dl>`}
${notRead.map((note) => html`<p class="caption">${note}</p>`)}</details>`;
  return html`<section class="origin"><h3>What the file says of itself</h3>
<p${credentials?.state === "invalid" ? html` class="warning"` : ""}>${sentence}</p>${pixels === null ? null : html`<p>${pixels}</p>`}
${rows.length + facts.length + notRead.length > 0 ? more : null}</section>`;
}
