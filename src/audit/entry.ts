import type { Reason, Verdict } from "../detection/detection.ts";
import type { Credentials, Declares, Provenance } from "../provenance/index.ts";

/** Version of a ledger's lines: raised when a field is renamed, removed or changes its meaning. */
export const ENTRY_SCHEMA = 1;

/** What came of a file: a verdict, that it could not be looked at, or that it is neither video nor picture. */
export type Outcome = Verdict | "error" | "not-media";

export const outcomes: readonly Outcome[] = ["forged", "inconclusive", "error", "authentic", "not-media"];

/** What a file says of its origin, in short. */
export interface Origin extends Pick<Provenance, "declares" | "signed" | "by"> {
  readonly credentials: Pick<Credentials, "state"> | null;
  /** For people: what it says and what that is worth. */
  readonly sentence: string;
  /** Verdict of the pixels alone. */
  readonly pixels: Verdict;
}

/** What was found out about a file's content, whatever the file is called and wherever it lies. */
export interface Finding {
  readonly outcome: Outcome;
  /** Why the outcome is `inconclusive`, or `declared` where a valid signature makes it `forged`; null otherwise. */
  readonly reason: Reason | null;
  /** In [0, 1]: 1 = authentic, 0 = forged; null where no face was scored. */
  readonly authenticity: number | null;
  readonly kind: "video" | "image" | null;
  readonly durationSec: number | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Faces that were followed. */
  readonly faces: number | null;
  /** Code and sentence of what went wrong; null unless the outcome is `error` or `not-media`. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** One sentence each. */
  readonly warnings: readonly string[];
  /** Null or left out where the file says nothing of its origin, or that was not read. */
  readonly origin?: Origin | null;
}

/** One line of the ledger: one file. */
export interface AuditEntry extends Finding {
  readonly schema: typeof ENTRY_SCHEMA;
  /** Below the audited folder, with `/` between its parts; bytes that are no UTF-8 show as U+FFFD. */
  readonly path: string;
  /** The path's bytes where it is not UTF-8; null where it is. */
  readonly pathBase64: string | null;
  readonly bytes: number | null;
  /** When the file was last changed, ISO 8601. */
  readonly modified: string | null;
  /** SHA-256 of the content; null where it could not be read. */
  readonly sha256: string | null;
  /** SHA-256 of the model's weights. */
  readonly model: string;
  /** Path of a file with the same content that was judged in its place; null for the one that was. */
  readonly duplicateOf: string | null;
  /** Where the file was moved to, for being forged. */
  readonly movedTo: string | null;
  /** The file's report page, below the audit's folder. */
  readonly report: string | null;
  /** A small JPEG of the file, below the audit's folder. */
  readonly thumbnail: string | null;
  /** When this was recorded, ISO 8601. */
  readonly at: string;
  /** Seconds that judging took; 0 for a duplicate. */
  readonly tookSec: number;
}

/** Counts and sums over the files of an audit, as `summary.json` has them. */
export interface AuditSummary {
  readonly schema: typeof ENTRY_SCHEMA;
  readonly tool: { readonly name: string; readonly version: string };
  readonly folder: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly options: object;
  /** Files by outcome. */
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly files: number;
  /** Files whose content another file has too, beyond the first. */
  readonly duplicates: number;
  readonly moved: number;
  readonly bytes: number;
  /** Seconds of video. */
  readonly mediaSec: number;
  /** Inconclusive files by reason, errors by code. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Files by what they declare, and those whose C2PA manifest is invalid; left out where none was read. */
  readonly origins?: Readonly<Partial<Record<Declares | "invalid-credentials", number>>>;
  readonly madeAt: string;
}
