import { copyFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { audit } from "../../src/audit/audit.ts";
import type { AuditProgress } from "../../src/audit/progress.ts";
import { fixture } from "../cli/run-cli.ts";
import { fill, quick, runToEnd, temporaryFolder } from "./media-folder.ts";

describe("the progress of an audit", { timeout: 240_000 }, () => {
  let media: string;
  let out: string;
  const old = new Date(Date.now() - 60_000);
  beforeAll(async () => {
    const work = await temporaryFolder();
    [media, out] = [join(work, "media"), join(work, "audit")];
    await fill(media, { "a.jpg": "still.jpg", "b.txt": "text.mp4", "c.mp4": "empty.mp4" });
    for (const name of ["a.jpg", "b.txt", "c.mp4"]) await utimes(join(media, name), old, old);
    await runToEnd(media, { out });
  }, 240_000);

  test("says that nothing is left where all is on record", async () => {
    const progress: AuditProgress[] = [];
    await runToEnd(media, { out }, { onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toMatchObject({ filesDone: 3, filesTotal: 3 });
  });

  test("of a resumed audit reckons with the files that are not on record", async () => {
    await copyFile(fixture("still.webp"), join(media, "d.webp"));
    const progress: AuditProgress[] = [];
    await runToEnd(media, { out }, { onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toMatchObject({
      ...{ filesDone: 4, filesTotal: 4 },
      secLeft: { byBytes: 0, byMedia: 0 },
    });
  });

  test("counts a file once, however often the folder is walked", async () => {
    const stop = new AbortController();
    const progress: AuditProgress[] = [];
    const onProgress = (now: AuditProgress) => {
      progress.push(now);
      // Three walks, of which the last finds a new file.
      if (now.elapsedSec > 5)
        void copyFile(fixture("still.avif"), join(media, "e.avif")).then(() =>
          utimes(join(media, "e.avif"), old, old),
        );
    };
    const call = { onProgress, signal: stop.signal };
    for await (const entry of audit(media, { ...quick, out, watch: true }, call)) {
      if (entry.path === "e.avif") break;
    }
    expect(Math.max(...progress.map(({ filesDone }) => filesDone))).toBeLessThanOrEqual(5);
    expect(progress.at(-1)!.filesDone).toBe(5);
  });
});
