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

  it("stops where it is told to, with the signal's reason", async () => {
    const stop = new AbortController();
    const reading = fingerprint(fixture("authentic.mp4"), { signal: stop.signal });
    stop.abort(new Error("enough"));
    expect(await errorOf(reading)).toMatchObject({ message: "enough" });
  });

  it("of many files with one signal makes Node warn of nothing", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 20 }, () => fingerprint(fixture("authentic.mp4"), { signal })));
    // Warnings come in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});
