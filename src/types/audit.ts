import type { Credentials, Declares, Provenance } from "../provenance/index.ts";
import type { Reason, Verdict } from "./detection.ts";

/** Version of ledger lines; increases when a field is renamed, removed or changes its meaning. */
export const ENTRY_SCHEMA = 1;

/** Outcome of a file: a verdict, an error, or neither video nor picture. */
export type Outcome = Verdict | "error" | "not-media";

export const outcomes: readonly Outcome[] = ["forged", "inconclusive", "error", "authentic", "not-media"];

/** Short form of a file's provenance. */
export interface Origin extends Pick<Provenance, "declares" | "signed" | "by"> {
  readonly credentials: Pick<Credentials, "state"> | null;
  /** What the file declares and how trustworthy that is. */
  readonly sentence: string;
  /** Verdict of the pixels alone. */
  readonly pixels: Verdict;
}

/** Result of a file's content, independent of its name and folder. */
export interface FileResult {
  readonly outcome: Outcome;
  /** Why the outcome is `inconclusive`, or `declared` where a valid signature makes it `forged`; null otherwise. */
  readonly reason: Reason | null;
  /** In [0, 1]: 1 = authentic, 0 = forged; null where no face was scored. */
  readonly authenticity: number | null;
  readonly kind: "video" | "image" | null;
  readonly durationSec: number | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Number of face tracks. */
  readonly faces: number | null;
  /** Null unless the outcome is `error` or `not-media`. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** One sentence each. */
  readonly warnings: readonly string[];
  /** Null or undefined if the file declares nothing or its provenance was not read. */
  readonly origin?: Origin | null;
}

/** One line of the ledger. */
export interface AuditEntry extends FileResult {
  readonly schema: typeof ENTRY_SCHEMA;
  /** Path below the audited folder, separated by `/`; invalid UTF-8 becomes U+FFFD. */
  readonly path: string;
  /** Bytes of a path that is not UTF-8, in base64; otherwise null. */
  readonly pathBase64: string | null;
  readonly bytes: number | null;
  /** Time of the file's last change, ISO 8601. */
  readonly modified: string | null;
  /** SHA-256 of the content; null if it could not be read. */
  readonly sha256: string | null;
  /** SHA-256 of the model's weights. */
  readonly model: string;
  /** Path of the analyzed file with the same content; null for an analyzed file. */
  readonly duplicateOf: string | null;
  /** New path of a forged file that was moved; otherwise null. */
  readonly movedTo: string | null;
  /** Path of the report page below the audit's folder. */
  readonly report: string | null;
  /** Path of a small JPEG below the audit's folder. */
  readonly thumbnail: string | null;
  /** Time of this entry, ISO 8601. */
  readonly at: string;
  /** Duration of the analysis in seconds; 0 for a duplicate. */
  readonly tookSec: number;
}

/** Content of `summary.json`. */
export interface AuditSummary {
  readonly schema: typeof ENTRY_SCHEMA;
  readonly tool: { readonly name: string; readonly version: string };
  readonly folder: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly options: object;
  /** Files by outcome. */
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly files: number;
  /** Files with the same content as an earlier file. */
  readonly duplicates: number;
  readonly moved: number;
  readonly bytes: number;
  /** Seconds of video. */
  readonly mediaSec: number;
  /** Inconclusive files by reason, errors by code. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Files by what they declare, and files with an invalid C2PA manifest; undefined if provenance was not read. */
  readonly origins?: Readonly<Partial<Record<Declares | "invalid-credentials", number>>>;
  readonly madeAt: string;
}
