import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/media/index.ts";
import { errorOf, fixture, temporaryFolder } from "./support/clips.ts";

describe("fingerprint", () => {
  it("is the SHA-256 of the content, and its size", async () => {
    const path = join(temporaryFolder(), "abc");
    writeFileSync(path, "abc");
    // FIPS 180-2, appendix B.1
    expect(await fingerprint(path)).toEqual({
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      bytes: 3,
    });
  });

  it("refuses an empty file", async () => {
    expect(await errorOf(fingerprint(fixture("empty.mp4")))).toMatchObject({
      code: "FILE_EMPTY",
      message:
        "Expected a video or an image but fixtures/media/empty.mp4 is empty: copy or download it again.",
    });
  });
});
