import type { Credentials, Declares, Provenance } from "../provenance/index.ts";
import type { FileReport } from "./schema.ts";

const declared: Readonly<Record<Declares, (by: string) => string>> = {
  generated: (by) => `Says of itself that it was generated${by || " by AI"}`,
  "edited-with-generative-ai": (by) => `Says of itself that it was edited with generative AI${by}`,
  captured: (by) => `Says of itself that it was recorded by a camera${by && ` (${by.slice(4)})`}`,
};

/** What a file says of its origin in one line, and what that is worth. */
export function provenanceSentence(provenance: Provenance): string {
  const { credentials, declares, by, signed } = provenance;
  const alarm = alarmSentence(credentials);
  if (declares === null) {
    if (alarm !== "") return alarm;
    if (credentials === null) return "Says nothing of how it was made.";
    return `Signed with Content Credentials that do not say how it was made; ${signatureClause(credentials)}.`;
  }
  const name = by === null ? "" : ` by ${by}`;
  const says = declared[declares](name);
  if (signed && credentials) return `${says}; ${signatureClause(credentials)}.`;
  const claim = `${says}; no valid signature backs that, and anybody can write it.`;
  return alarm === "" ? claim : `${alarm} ${claim}`;
}

/** Broken credentials are said before everything else; empty where there are none. */
function alarmSentence(credentials: Credentials | null): string {
  if (credentials?.state === "not-checked") {
    return "Its Content Credentials could not be compared with the whole file, so they prove nothing.";
  }
  if (credentials?.state !== "invalid") return "";
  const wasChanged = credentials.problems.some((problem) => /Hash\.mismatch/.test(problem));
  return wasChanged
    ? "WARNING: its Content Credentials do not fit the file: it was changed after it was signed."
    : "WARNING: its Content Credentials are broken and prove nothing.";
}

function signatureClause({ state, signer, issuer, problems }: Credentials): string {
  const who = [...new Set([signer, issuer])].filter((name) => name !== null).join(", ") || "unknown";
  if (state === "trusted") return `the signature is valid, and its signer (${who}) is trusted`;
  if (state !== "valid") return "the signature was not checked";
  const isListed = problems.some((problem) => problem.includes("signingCredential.untrusted"));
  return isListed
    ? `the signature is valid, but its signer (${who}) is not on your list of trust anchors`
    : `the signature is valid, its signer (${who}) is on no trust list that telltale has`;
}

/** Signer, program, steps and ingredients of a manifest as pairs of name and value, without what it does not say. */
export function credentialFacts(credentials: Credentials): [name: string, value: string][] {
  const { state, problems, signer, issuer, signedAt, generator, manifests, actions, ingredients } =
    credentials;
  const steps = actions.map(({ action, sourceType, software, when, manifest }) => {
    const about = [sourceType, software, when, manifest === 0 ? null : "ingredient"].filter(
      (part) => part !== null,
    );
    return about.length === 0 ? action : `${action} (${about.join(", ")})`;
  });
  const parts = ingredients.map(
    ({ title, relationship }) => `${title ?? "untitled"} (${relationship ?? "unknown"})`,
  );
  const rows: [string, string | null][] = [
    ["Content Credentials", state],
    ["Problems", problems.join(" ") || null],
    ["Signer", [signer, issuer].filter((name) => name !== null).join(", ") || null],
    ["Signed at", signedAt ?? "no trusted time"],
    ["Claimed by", generator],
    ["Manifests", String(manifests)],
    ["Actions", steps.join(", ") || null],
    ["Ingredients", parts.join(", ") || null],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** What a field holds, without the long address that terms of the IPTC vocabulary begin with. */
export function shownValue(value: string): string {
  return value.replace(/^https?:\/\/(?:cv\.iptc\.org\/newscodes|c2pa\.org)\/digitalsourcetype\//, "");
}

/** The verdict of the pixels, where what the file says of itself changed it; null where it did not. */
export function pixelsSentence({ pixels, verdict }: Pick<FileReport, "pixels" | "verdict">): string | null {
  if (!pixels || pixels.verdict === verdict) return null;
  return `The pixels alone: ${pixels.verdict}${pixels.reason ? ` (${pixels.reason})` : ""}.`;
}
