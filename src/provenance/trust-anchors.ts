import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { TelltaleError } from "../errors.ts";

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The certificates of signers that are trusted.
 *
 * @param pathOrText a PEM file, or its text; undefined where none is given
 * @returns the text; null where none is given
 * @throws TelltaleError `USAGE` where it cannot be read or holds no certificate
 */
export async function readTrustAnchors(pathOrText: string | undefined): Promise<string | null> {
  if (pathOrText === undefined) return null;
  const isText = pathOrText.includes("-----BEGIN ");
  const name = isText ? "the given text" : pathOrText;
  const text = isText ? pathOrText : await readFile(pathOrText, "utf8").catch((error) => usage(name, error));
  const found = text.match(certificates) ?? [];
  try {
    if (found.length === 0) throw new Error("it holds no certificate");
    for (const certificate of found) new X509Certificate(certificate);
  } catch (error) {
    usage(name, error);
  }
  return `${found.join("\n")}\n`;
}

function usage(name: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  const sentence = `Expected certificates in PEM for the trust anchors but cannot read them from ${name} (${why}); name a file with BEGIN CERTIFICATE lines.`;
  throw new TelltaleError("USAGE", sentence, { cause: error });
}
