import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A text of `bytes` random bytes that nobody guesses, safe in URLs, cookies and file names. */
export function randomSecret(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** What can be kept in place of a secret: it recognises the secret and does not give it away. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Authenticates a text for who has the key. */
export function sign(text: string, key: Buffer): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Whether two texts are the same, in a time that tells nothing of how much of them is: digests have one length. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
