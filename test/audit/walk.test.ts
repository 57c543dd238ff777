import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identityOf, type WalkItem, walk } from "../../src/audit/walk.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "telltale-walk-"));
});
afterEach(() => rm(root, { recursive: true }));

const file = async (path: string, content = "x") => writeFile(join(root, path), content);

async function found(skipped?: ReadonlySet<string>): Promise<WalkItem[]> {
  const all: WalkItem[] = [];
  for await (const one of walk(root, skipped)) all.push(one);
  return all.sort((a, b) => Buffer.compare(a.name.bytes, b.name.bytes));
}
const names = async (skipped?: ReadonlySet<string>) => (await found(skipped)).map(({ name }) => name.text);

describe("a walk", () => {
  test("finds the files of a folder and of those in it, hidden ones too, with size and date", async () => {
    await mkdir(join(root, "a/b"), { recursive: true });
    await file("a/b/deep.mp4", "four");
    await file(".hidden");
    expect(await names()).toEqual([".hidden", "a/b/deep.mp4"]);
    const { mtimeMs } = await stat(join(root, "a/b/deep.mp4"));
    expect((await found())[1]).toMatchObject({ bytes: 4, modifiedMs: mtimeMs, isLink: false });
  });

  test("keeps names with newlines, leading dashes and bytes that are no UTF-8", async () => {
    const latin1 = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), latin1]), "x");
    await file("-rf");
    await file("two\nlines.mp4");
    expect((await found()).map(({ name }) => name.bytes)).toEqual([
      Buffer.from("-rf"),
      latin1,
      Buffer.from("two\nlines.mp4"),
    ]);
    expect(await names()).toEqual(["-rf", "caf\ufffd", "two\nlines.mp4"]);
  });

  test("ends in a loop of links, and names a file by its real path", async () => {
    await mkdir(join(root, "z/real"), { recursive: true });
    await file("z/real/clip.mp4");
    await symlink("..", join(root, "z/up"));
    await symlink("z/real", join(root, "a-link"));
    await symlink("self", join(root, "self"));
    expect(await found()).toMatchObject([
      { name: { text: "self" }, errorCode: "ELOOP" },
      { name: { text: "z/real/clip.mp4" }, bytes: 1 },
    ]);
  });

  test("follows a link to a file, to a folder elsewhere, and reports one that leads nowhere", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "telltale-elsewhere-"));
    await writeFile(join(elsewhere, "other.mp4"), "x");
    await file("clip.mp4");
    await symlink("clip.mp4", join(root, "same.mp4"));
    await symlink(elsewhere, join(root, "share"));
    await symlink("gone", join(root, "broken.mp4"));
    expect(await found()).toMatchObject([
      { name: { text: "broken.mp4" }, errorCode: "ENOENT" },
      { name: { text: "clip.mp4" }, isLink: false },
      { name: { text: "same.mp4" }, isLink: true },
      { name: { text: "share/other.mp4" } },
    ]);
    await rm(elsewhere, { recursive: true });
  });

  test("passes over pipes and over the folders it is told to skip", async () => {
    await mkdir(join(root, "audit"));
    await file("audit/ledger.jsonl");
    await file("clip.mp4");
    execFileSync("mkfifo", [join(root, "pipe.mp4")]);
    const audit = identityOf(await stat(join(root, "audit"), { bigint: true }));
    expect(await names(new Set([audit]))).toEqual(["clip.mp4"]);
  });

  // Root may read everything, so it becomes somebody else for a moment.
  test.skipIf(process.platform === "win32" || !process.seteuid)(
    "reports a folder it may not read",
    async () => {
      await mkdir(join(root, "locked"));
      await file("clip.mp4");
      await chmod(root, 0o755);
      await chmod(join(root, "locked"), 0o700);
      const isRoot = process.geteuid!() === 0;
      if (isRoot) process.seteuid!(65534);
      else await chmod(join(root, "locked"), 0);
      try {
        expect(await found()).toMatchObject([
          { name: { text: "clip.mp4" } },
          { name: { text: "locked" }, errorCode: "EACCES" },
        ]);
      } finally {
        if (isRoot) process.seteuid!(0);
        await chmod(join(root, "locked"), 0o700);
      }
    },
  );

  test("of a folder that is gone or is replaced meanwhile goes on", async () => {
    await mkdir(join(root, "a"));
    await mkdir(join(root, "b"));
    await file("first.mp4");
    await file("b/last.mp4");
    const seen: string[] = [];
    for await (const { name } of walk(root)) {
      seen.push(name.text);
      if (name.text === "first.mp4") await rm(join(root, "b"), { recursive: true });
    }
    expect(seen).toEqual(["first.mp4"]);
  });
});
