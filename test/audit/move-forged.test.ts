import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileName } from "../../src/audit/file-name.ts";
import { FileChangingError, moveForged } from "../../src/audit/move-forged.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

// /dev/shm is another file system than the temporary folder.
const targets = [
  ["the same file system", tmpdir()],
  ["another file system", "/dev/shm"],
].filter(([, folder]) => existsSync(folder!));

describe.each(targets)("to %s", (_, place) => {
  let root: string;
  let target: string;
  let announced: string[];
  const move = (content: string) =>
    moveForged({
      ...{ root, target, name: fileName(Buffer.from("clip.mp4")), sha256: sha256(content) },
      announce: async (to) => {
        announced.push(to);
      },
    });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "telltale-move-"));
    target = await mkdtemp(join(place!, "telltale-moved-"));
    announced = [];
    await writeFile(join(root, "clip.mp4"), "forged");
  });
  afterEach(() => Promise.all([root, target].map((folder) => rm(folder, { recursive: true }))));

  test("a file that is complete is moved with its content and its date", async () => {
    const date = new Date("2026-01-02T03:04:05Z");
    await utimes(join(root, "clip.mp4"), date, date);
    expect(await move("forged")).toBe(true);
    expect(announced).toEqual([join(target, "clip.mp4")]);
    expect(await readFile(join(target, "clip.mp4"), "utf8")).toBe("forged");
    expect((await stat(join(target, "clip.mp4"))).mtime).toEqual(date);
    expect([await readdir(root), await readdir(target)]).toEqual([[], ["clip.mp4"]]);
  });

  test("a file never takes the place of another", async () => {
    await writeFile(join(target, "clip.mp4"), "other");
    expect(await move("forged")).toBe(true);
    expect(await readFile(join(target, "clip.mp4"), "utf8")).toBe("other");
    expect(await readFile(join(target, "clip (2).mp4"), "utf8")).toBe("forged");
  });

  test("a file that has grown since it was analyzed stays where it is", async () => {
    await writeFile(join(root, "clip.mp4"), "forged and more");
    await expect(move("forged")).rejects.toThrow(FileChangingError);
    expect([await readdir(root), await readdir(target)]).toEqual([["clip.mp4"], []]);
  });

  test("a file that changes while it is moved stays where it is, whole", async () => {
    const moving = moveForged({
      ...{ root, target, name: fileName(Buffer.from("clip.mp4")), sha256: sha256("forged") },
      announce: () => writeFile(join(root, "clip.mp4"), "forged and more"),
    });
    await expect(moving).rejects.toThrow(FileChangingError);
    expect(await readFile(join(root, "clip.mp4"), "utf8")).toBe("forged and more");
    expect([await readdir(root), await readdir(target)]).toEqual([["clip.mp4"], []]);
  });

  test.skipIf(process.platform !== "linux")(
    "a file that a program still writes to stays where it is",
    async () => {
      const writer = await open(join(root, "clip.mp4"), "a");
      await expect(move("forged")).rejects.toThrow(FileChangingError);
      await writer.close();
      expect(await move("forged")).toBe(true);
    },
  );
});
