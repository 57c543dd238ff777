import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { audit } from "../../src/audit/audit.ts";
import type { AuditProgress } from "../../src/audit/progress.ts";
import { auditColumns } from "../../src/report/audit/csv.ts";
import { reportSchema } from "../../src/report/schema.ts";
import type { AuditEntry, AuditSummary } from "../../src/types/audit.ts";
import { fixture } from "../cli/run-cli.ts";
import { fill, quick, runToEnd, suspiciousModel, temporaryFolder } from "./media-folder.ts";

const latin1 = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x2e, 0x6a, 0x70, 0x67]);
const byPath = (entries: readonly AuditEntry[]) => new Map(entries.map((entry) => [entry.path, entry]));
const isVerdict = (outcome: string) => ["forged", "inconclusive", "authentic"].includes(outcome);
const ledgerOf = (out: string) => readFileSync(join(out, "ledger.jsonl"), "utf8");

describe("an audit", { timeout: 240_000 }, () => {
  let work: string;
  let media: string;
  let out: string;
  let entries: ReadonlyMap<string, AuditEntry>;
  let summary: AuditSummary;
  const progress: AuditProgress[] = [];
  beforeAll(async () => {
    work = await temporaryFolder();
    [media, out] = [join(work, "media"), join(work, "media/audit")];
    await fill(media, {
      "sub/-still.jpg": "still.jpg",
      "sub/two\nlines.jpg": "still.jpg",
      "clip.mp4": "authentic.mp4",
      "text.mp4": "text.mp4",
      "notes.txt": "text.mp4",
      "empty.mp4": "empty.mp4",
    });
    await symlink("..", join(media, "sub/loop"));
    writeFileSync(
      Buffer.concat([Buffer.from(`${media}/`), latin1]),
      await readFile(fixture("still-forged.jpg")),
    );
    const ran = await runToEnd(media, { out }, { onProgress: (now) => progress.push(now) });
    entries = byPath(ran.entries);
    summary = ran.summary;
  }, 240_000);

  test("has one entry for each file, with its verdict or what is wrong with it", () => {
    expect(
      [...entries]
        .map(([path, { outcome, error }]) => [
          path,
          error?.code ?? (isVerdict(outcome) ? "analyzed" : outcome),
        ])
        .sort(),
    ).toEqual([
      ["caf\ufffd.jpg", "analyzed"],
      ["clip.mp4", "analyzed"],
      ["empty.mp4", "FILE_EMPTY"],
      ["notes.txt", "NOT_MEDIA"],
      ["sub/-still.jpg", "analyzed"],
      ["sub/two\nlines.jpg", "analyzed"],
      ["text.mp4", "NOT_MEDIA"],
    ]);
    expect(entries.get("text.mp4")).toMatchObject({
      outcome: "error",
      sha256: entries.get("notes.txt")!.sha256,
    });
    expect(entries.get("notes.txt")).toMatchObject({ outcome: "not-media" });
    expect(entries.get("caf\ufffd.jpg")!.pathBase64).toBe(latin1.toString("base64"));
    expect(entries.get("clip.mp4")).toMatchObject({
      kind: "video",
      durationSec: 4,
      faces: 1,
      pathBase64: null,
    });
  });

  test("analyzes two files of one content once, and lists both", () => {
    const twins = [entries.get("sub/-still.jpg")!, entries.get("sub/two\nlines.jpg")!];
    const [analyzed, copy] = twins[0]!.duplicateOf === null ? twins : twins.reverse();
    expect(copy).toMatchObject({
      duplicateOf: analyzed!.path,
      tookSec: 0,
      authenticity: analyzed!.authenticity,
    });
    expect(analyzed!.tookSec).toBeGreaterThan(0);
    expect(copy!.report).toBe(analyzed!.report);
  });

  test("leaves a report and a picture of each file, which name it by its path in the folder", async () => {
    for (const path of ["clip.mp4", "caf\ufffd.jpg"]) {
      const { report, thumbnail, authenticity } = entries.get(path)!;
      const json = reportSchema.parse(
        JSON.parse(await readFile(join(out, report!.replace(".html", ".json")), "utf8")),
      );
      expect(json).toMatchObject({ file: { path }, authenticity });
      expect(await readFile(join(out, report!), "utf8")).toContain(`<bdi>${path}</bdi>`);
      expect([...(await readFile(join(out, thumbnail!))).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    }
  });

  test("sums up in JSON, CSV and JSON Lines what the ledger has", async () => {
    const counts = { forged: 0, inconclusive: 0, error: 0, authentic: 0, "not-media": 0 };
    for (const { outcome } of entries.values()) counts[outcome]++;
    expect(counts).toMatchObject({ error: 2, "not-media": 1 });
    expect(summary).toMatchObject({
      counts,
      files: 7,
      duplicates: expect.any(Number),
      errors: { FILE_EMPTY: 1, NOT_MEDIA: 1 },
    });
    expect(JSON.parse(await readFile(join(out, "summary.json"), "utf8"))).toEqual(summary);
    const rows: string[][] = parse(await readFile(join(out, "files.csv")));
    expect(rows[0]).toEqual([...auditColumns]);
    // A name that begins like a formula has an apostrophe before it.
    expect(
      rows
        .slice(1)
        .map(([path]) => path)
        .sort(),
    ).toEqual([...entries.keys()].sort());
    const lines = (await readFile(join(out, "files.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([...entries.values()]);
    expect(ledgerOf(out)).toBe(`${lines.join("\n")}\n`);
  });

  test("names no folder of this machine in what is handed on", async () => {
    const names = (await readdir(out, { recursive: true })).filter((name) =>
      /\.(csv|jsonl?|html)$/.test(name),
    );
    expect(names).toContain("summary.html");
    for (const name of names) {
      // audit.json is what the next run compares itself with.
      if (name !== "audit.json") expect(await readFile(join(out, name), "utf8")).not.toContain(work);
    }
    expect(summary).toMatchObject({ folder: "media" });
  });

  test("says how far it is, in files, bytes and seconds of video", () => {
    expect(progress.at(-1)).toMatchObject({
      filesDone: 7,
      filesTotal: 7,
      mediaSec: 4,
      mediaSecTotal: 4,
      underWay: [],
    });
    const { bytesDone, bytesTotal, secLeft } = progress.at(-1)!;
    expect(bytesDone).toBe(summary.bytes);
    expect(bytesTotal).toBe(summary.bytes);
    expect(secLeft).toEqual({ byBytes: 0, byMedia: 0 });
  });

  test("that is run again adds nothing", async () => {
    const before = ledgerOf(out);
    expect((await runToEnd(media, { out, resume: true })).entries).toEqual([]);
    expect(ledgerOf(out)).toBe(before);
  });

  test("lists moved, copied and touched files without analyzing them again, and drops what is gone", async () => {
    await rename(join(media, "clip.mp4"), join(media, "moved.mp4"));
    await fill(media, { "sub/third.jpg": "still.jpg" });
    await utimes(join(media, "text.mp4"), new Date(), new Date());
    await rm(join(media, "empty.mp4"));
    const ran = await runToEnd(media, { out });
    expect(ran.paths).toEqual(["moved.mp4", "sub/third.jpg"]);
    for (const entry of ran.entries)
      expect(entry).toMatchObject({ tookSec: 0, duplicateOf: expect.any(String) });
    expect(ran.summary.files).toBe(7);
    const listed = (await readFile(join(out, "files.jsonl"), "utf8")).trimEnd().split("\n");
    expect(listed.map((line) => (JSON.parse(line) as AuditEntry).path)).not.toContain("clip.mp4");
  });

  test("analyzes a file anew whose content has changed", async () => {
    await fill(media, { "moved.mp4": "forged.mp4" });
    const ran = await runToEnd(media, { out });
    expect(ran.entries).toMatchObject([{ path: "moved.mp4", duplicateOf: null, kind: "video" }]);
    expect(ran.entries[0]!.sha256).not.toBe(entries.get("clip.mp4")!.sha256);
    expect(ran.summary.files).toBe(7);
  });

  test("is refused with other options, for another folder, or where there is none to resume", async () => {
    const attempt = (folder: string, options: object) => runToEnd(folder, { out, ...options });
    await expect(attempt(media, { frames: 3 })).rejects.toMatchObject({
      code: "AUDIT_INVALID",
      message: expect.stringMatching(/--frames.* \(2\) .* 3; .*--out/),
    });
    await expect(attempt(work, {})).rejects.toMatchObject({ code: "AUDIT_INVALID" });
    await expect(attempt(media, { out: join(work, "new"), resume: true })).rejects.toThrow(
      `Expected an audit to resume in ${join(work, "new")} but there is none; omit --resume.`,
    );
    await expect(attempt(join(work, "nowhere"), {})).rejects.toMatchObject({ code: "FILE_MISSING" });
    await expect(attempt(media, { since: "soon" })).rejects.toMatchObject({ code: "USAGE" });
  });
});

/** Processes that analyze for this one. */
function analysisProcesses(): number[] {
  const output = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)], {
    encoding: "utf8",
  });
  return output
    .split("\n")
    .filter((line) => line.includes("analysis-process"))
    .map((line) => Number.parseInt(line, 10));
}

describe("what goes wrong", { timeout: 240_000 }, () => {
  let work: string;
  let media: string;
  beforeAll(async () => {
    work = await temporaryFolder();
    media = join(work, "media");
    await fill(media, { "a.jpg": "still.jpg", "b.mp4": "authentic.mp4", "c.webp": "still.webp" });
  });

  test("a file that hangs is given up and recorded, and tried again by the next run", async () => {
    const out = join(work, "hung");
    const { entries } = await runToEnd(media, { out, timeout: 0.001 });
    expect(entries).toHaveLength(3);
    for (const { error, path } of entries) {
      expect(error).toEqual({
        code: "DECODE_TIMEOUT",
        message: `Expected a frame of ${path} at least every 0.001 s but received none; try a longer --timeout.`,
      });
    }
    expect((await runToEnd(media, { out, timeout: 0.001 })).entries).toEqual([]);
    const { summary, paths } = await runToEnd(media, { out });
    expect(paths).toEqual(["a.jpg", "b.mp4", "c.webp"]);
    expect(summary.counts.error).toBe(0);
    expect(analysisProcesses()).toEqual([]);
  });

  test("a process that dies costs no file, and a file that kills it each time is recorded", async () => {
    let kills = 0;
    const killing = setInterval(() => {
      for (const pid of analysisProcesses().slice(0, kills < 1 ? 1 : 0)) {
        kills++;
        process.kill(pid, "SIGKILL");
      }
    }, 50);
    const once = await runToEnd(media, { out: join(work, "killed-once") });
    clearInterval(killing);
    expect(kills).toBe(1);
    expect(once.summary.counts.error).toBe(0);

    const always = setInterval(() => {
      for (const pid of analysisProcesses()) process.kill(pid, "SIGKILL");
    }, 20);
    const { entries } = await runToEnd(media, { out: join(work, "killed"), include: ["a.jpg"] });
    clearInterval(always);
    expect(entries).toMatchObject([{ path: "a.jpg", outcome: "error", error: { code: "WORKER_FAILED" } }]);
  });

  test("leaving the loop stops the audit; its folder is free and no process is left", async () => {
    const out = join(work, "left");
    for await (const entry of audit(media, { out, ...quick })) {
      await expect(runToEnd(media, { out })).rejects.toMatchObject({ code: "AUDIT_LOCKED" });
      expect(entry.path).toMatch(/^[abc]\./);
      break;
    }
    expect(analysisProcesses()).toEqual([]);
    expect(existsSync(join(out, "audit.lock"))).toBe(false);
    expect((await runToEnd(media, { out })).summary.files).toBe(3);
  });

  test("a signal aborts it with ABORTED", async () => {
    const stop = new AbortController();
    const running = runToEnd(media, { out: join(work, "aborted") }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    expect(analysisProcesses()).toEqual([]);
  });

  test("a model that is not there ends the run and begins no audit", async () => {
    const out = join(work, "no-model");
    await expect(runToEnd(media, { out, model: join(work, "none") })).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
    expect(existsSync(out)).toBe(false);
  });
});

describe("forged files", { timeout: 240_000 }, () => {
  test("are moved, never over another file, and are not lost when the move was cut", async () => {
    const work = await temporaryFolder();
    const [media, out, away] = [join(work, "media"), join(work, "out"), join(work, "media/away")];
    await fill(media, { "sub/a.jpg": "still.jpg", "b.jpg": "still-forged.jpg" });
    await symlink("sub/a.jpg", join(media, "link.jpg"));
    await mkdir(join(away, "sub"), { recursive: true });
    await writeFile(join(away, "sub/a.jpg"), "mine");
    const options = { out, model: await suspiciousModel(work), moveForged: away };
    const { summary, entries } = await runToEnd(media, options);
    expect(summary).toMatchObject({ files: 3, moved: 2, counts: { forged: 3 } });
    const moved = new Map(entries.map(({ path, movedTo }) => [path, movedTo]));
    expect(moved.get("sub/a.jpg")).toBe(join(away, "sub/a (2).jpg"));
    expect(moved.get("b.jpg")).toBe(join(away, "b.jpg"));
    expect(moved.get("link.jpg")).toBeNull();
    expect(await readFile(join(away, "sub/a.jpg"), "utf8")).toBe("mine");
    expect(await readFile(join(away, "sub/a (2).jpg"))).toEqual(await readFile(fixture("still.jpg")));
    expect(existsSync(join(media, "sub/a.jpg"))).toBe(false);

    // As a kill between the announcement and the move would leave it.
    await rename(join(away, "b.jpg"), join(media, "b.jpg"));
    const again = byPath((await runToEnd(media, options)).entries);
    expect(again.get("b.jpg")).toMatchObject({ movedTo: join(away, "b.jpg") });
    // Its file has gone.
    expect(again.get("link.jpg")).toMatchObject({ error: { code: "FILE_MISSING" } });
    expect([existsSync(join(media, "b.jpg")), existsSync(join(away, "b.jpg"))]).toEqual([false, true]);
  });
});

describe("a watch", { timeout: 240_000 }, () => {
  test("goes on as files arrive, with the summary up to date", async () => {
    const work = await temporaryFolder();
    const [media, out] = [join(work, "media"), join(work, "out")];
    await fill(media, { "a.jpg": "still.jpg" });
    // Long there, so that it does not count as arriving.
    await utimes(join(media, "a.jpg"), 1, 1);
    const stop = new AbortController();
    const counted: number[] = [];
    const seen: string[] = [];
    const onSummary = (summary: AuditSummary) => {
      counted.push(summary.files);
      if (summary.files === 1) void fill(media, { "late/b.webp": "still.webp" });
      if (summary.files === 2) stop.abort();
    };
    const watching = (async () => {
      const options = { ...quick, out, watch: true };
      for await (const { path } of audit(media, options, { signal: stop.signal, onSummary })) seen.push(path);
    })();
    await expect(watching).rejects.toMatchObject({ code: "ABORTED" });
    expect(seen).toEqual(["a.jpg", "late/b.webp"]);
    expect(counted).toEqual([1, 2]);
    expect(JSON.parse(await readFile(join(out, "summary.json"), "utf8")).files).toBe(2);
  });
});
