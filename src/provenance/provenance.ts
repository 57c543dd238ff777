/** What a file says it is: made by AI as a whole, changed by AI in part, or recorded by a camera. */
export type Declares = "generated" | "edited-with-generative-ai" | "captured";

/** Where a statement was found. */
export type EvidenceKind = "c2pa" | "xmp" | "iptc" | "exif" | "text" | "container";

/** One statement that a file makes of its origin. Texts are cut and hold no control characters. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** Name of the field, e.g. `xmp:DigitalSourceType`. */
  readonly where: string;
  /** What the field holds, at most {@link MAX_VALUE} characters. */
  readonly value: string;
  /** What that means, one sentence. */
  readonly means: string;
  /** Whether a valid signature covers the statement. */
  readonly signed: boolean;
}

/** What a manifest says was done. */
export interface CredentialAction {
  /** E.g. `c2pa.created`. */
  readonly action: string;
  /** Last part of the address in the IPTC vocabulary, e.g. `trainedAlgorithmicMedia`; null where there is none. */
  readonly sourceType: string | null;
  readonly software: string | null;
  readonly when: string | null;
  /** Manifest that lists it: 0 is the file's own, others are those of ingredients. */
  readonly manifest: number;
}

/** A file that went into this one. */
export interface CredentialIngredient {
  readonly title: string | null;
  /** `parentOf`, `componentOf` or `inputTo`. */
  readonly relationship: string | null;
  /** Whether it has a manifest of its own in the file. */
  readonly hasManifest: boolean;
  /** Manifest that lists it: 0 is the file's own, others are those of ingredients. */
  readonly manifest: number;
}

/** The C2PA manifest of a file (Content Credentials). */
export interface Credentials {
  /**
   * `trusted`: valid, and the signer is on the list of trust anchors. `valid`: the signature is good and the file is
   * unchanged since; nobody vouches for the signer. `invalid`: the signature is broken or the file was changed.
   * `not-checked`: the manifest could not be compared with the whole file.
   */
  readonly state: "trusted" | "valid" | "invalid" | "not-checked";
  /** What failed, one sentence each, with the code of the C2PA specification. */
  readonly problems: readonly string[];
  /** Common name in the signer's certificate. */
  readonly signer: string | null;
  /** Organization in the signer's certificate. */
  readonly issuer: string | null;
  /** Time of the signature, ISO 8601; null where no time stamp says it. */
  readonly signedAt: string | null;
  /** Program that made the claim. */
  readonly generator: string | null;
  readonly title: string | null;
  /** Manifests in the file, those of ingredients included. */
  readonly manifests: number;
  readonly actions: readonly CredentialAction[];
  readonly ingredients: readonly CredentialIngredient[];
}

/** What a file says of its origin. */
export interface Provenance {
  /** Null where the file holds no C2PA manifest. */
  readonly credentials: Credentials | null;
  /** Null where the file says nothing of it. */
  readonly declares: Declares | null;
  /** Whether a valid signature covers `declares`. */
  readonly signed: boolean;
  /** Program or service that `declares` names; null where none is named. */
  readonly by: string | null;
  readonly evidence: readonly Evidence[];
  /** What could not be read, one sentence each. */
  readonly notRead: readonly string[];
}

/** A statement with what follows from it. */
export interface Statement extends Evidence {
  readonly declares: Declares | null;
  readonly by: string | null;
}

/** What one source said: the parts that {@link combine} puts together. */
export interface Statements {
  readonly credentials: Credentials | null;
  readonly statements: readonly Statement[];
  readonly notRead: readonly string[];
}

/** A field of the metadata, before it is known to mean anything. */
export interface Field {
  /** E.g. `exif:Software`. */
  readonly where: string;
  readonly value: string;
}

/** More statements than this tell no more; the rest is counted. */
const MAX_EVIDENCE = 64;

/** Which statement counts where several disagree: a signed one first, generation before capture. */
const ranks: readonly (readonly [Declares, boolean])[] = [
  ["generated", true],
  ["edited-with-generative-ai", true],
  ["generated", false],
  ["edited-with-generative-ai", false],
  ["captured", true],
  ["captured", false],
];

/** Puts together what the sources of one file said. */
export function combine(sources: readonly Statements[]): Provenance {
  const statements = sources.flatMap((source) => source.statements);
  const notRead = [...new Set(sources.flatMap((source) => source.notRead))];
  const deciding = ranks
    .map(([declares, signed]) =>
      statements.filter((one) => one.declares === declares && one.signed === signed),
    )
    .find((found) => found.length > 0);
  const first = deciding?.find((one) => one.by !== null) ?? deciding?.[0];
  // What decides comes first, so that a cut leaves it in.
  const ordered = [...statements].sort((a, b) => rankOf(a) - rankOf(b));
  if (ordered.length > MAX_EVIDENCE) {
    notRead.push(`${ordered.length - MAX_EVIDENCE} more statements are left out.`);
  }
  return {
    credentials: sources.find((source) => source.credentials !== null)?.credentials ?? null,
    declares: first?.declares ?? null,
    signed: first?.signed ?? false,
    by: first?.by ?? null,
    evidence: ordered.slice(0, MAX_EVIDENCE).map(({ kind, where, value, means, signed }) => ({
      ...{ kind, where, value, means, signed },
    })),
    notRead,
  };
}

function rankOf({ declares, signed }: Statement): number {
  const rank = ranks.findIndex(([one, isSigned]) => one === declares && isSigned === signed);
  return rank === -1 ? ranks.length : rank;
}

/** Characters of a value that are kept. */
export const MAX_VALUE = 200;

/** C0, C1, line and paragraph separators, marks of direction, and characters that show nothing. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/g;

/** A text of a file as it may be shown: one line, without control characters, cut to a length. */
export function clean(text: string, length: number = MAX_VALUE): string {
  // Cut first: a text can be as long as the file.
  const line = text
    .slice(0, length * 4)
    .replace(HIDDEN, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  const isCut = line.length > length || text.length > length * 4;
  return wellFormed(isCut ? `${line.slice(0, length - 1)}…` : line);
}

/** Half of a pair of surrogates is no character. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
