/** File -> what it says of its origin: C2PA manifests, XMP, IPTC, EXIF, texts and tags. */

export type {
  CredentialAction,
  CredentialIngredient,
  Credentials,
  Declares,
  Evidence,
  EvidenceKind,
  Provenance,
} from "./provenance.ts";
export { readProvenance } from "./read-provenance.ts";
export { ProvenanceReader } from "./reader.ts";
export { readTrustAnchors } from "./trust-anchors.ts";
