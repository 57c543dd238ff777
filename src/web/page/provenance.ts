import { credentialFacts, pixelsSentence, provenanceSentence, shownValue } from "../../report/provenance.ts";
import type { FileReport } from "../../report/schema.ts";
import { h } from "./dom.ts";

/** What the file says of its origin: one line, and what is behind it to fold out. */
export function origin(report: FileReport): HTMLElement | null {
  const { provenance } = report;
  if (!provenance) return null;
  const { credentials, evidence, notRead } = provenance;
  const facts = credentials === null ? [] : credentialFacts(credentials);
  const pixels = pixelsSentence(report);
  const pairs = [
    ...evidence.map(({ where, value, means, signed }): [string, string] => [
      where,
      `${shownValue(value)} (${means.replace(/\.$/, "")}; ${signed ? "signed" : "not signed"})`,
    ]),
    ...facts,
  ];
  const isAlarm = credentials?.state === "invalid";
  return h(
    "section",
    { class: "origin" },
    h("h3", {}, "What the file says of itself"),
    h("p", isAlarm ? { class: "notice" } : {}, provenanceSentence(provenance)),
    pixels !== null && h("p", {}, pixels),
    pairs.length + notRead.length > 0 &&
      h(
        "div",
        { class: "more" },
        h(
          "details",
          {},
          h("summary", {}, "What the file says in detail"),
          pairs.length > 0 &&
            h(
              "dl",
              {},
              ...pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, h("bdi", {}, value))]),
            ),
          ...notRead.map((note) => h("p", {}, note)),
        ),
      ),
  );
}
