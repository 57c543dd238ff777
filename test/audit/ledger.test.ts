import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileName } from "../../src/audit/file-name.ts";
import { Ledger } from "../../src/audit/ledger.ts";
import { sampleEntry } from "./sample-entry.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const name = (text: string) => fileName(Buffer.from(text));
async function currentPaths(ledger: Ledger): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of ledger.current()) paths.push(entry.path);
  return paths;
}
const [a, b, c] = [sampleEntry("a.jpg"), sampleEntry("b.jpg"), sampleEntry("c.jpg")] as const;

describe("a ledger", () => {
  test("gives back what was recorded, by path and by content, also after it was opened anew", async () => {
    const first = await Ledger.open(folder);
    await Promise.all([a, b].map((entry) => first.append(entry)));
    await first.append(c);
    const check = async (ledger: Ledger) => {
      expect(await ledger.ofPath(name("b.jpg"))).toEqual(b);
      expect(await ledger.ofContent(c.sha256!)).toEqual(c);
      expect(await ledger.ofPath(name("d.jpg"))).toBeNull();
      expect(await ledger.ofContent("00".repeat(32))).toBeNull();
      expect(await currentPaths(ledger)).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
      await ledger.close();
    };
    await check(first);
    await check(await Ledger.open(folder));
  });

  test("is on the disk, a line an entry, once append has resolved", async () => {
    const ledger = await Ledger.open(folder);
    await ledger.append(a);
    expect(await readFile(path, "utf8")).toBe(`${JSON.stringify(a)}\n`);
    await ledger.close();
  });

  test.each([1, 40, 5000])(
    "takes off a last line that a cut left with %i bytes, and goes on",
    async (kept) => {
      const long = sampleEntry("torn.jpg", { warnings: ["w".repeat(6000)] });
      await writeFile(path, `${JSON.stringify(a)}\n${JSON.stringify(long).slice(0, kept)}`);
      const ledger = await Ledger.open(folder);
      expect(await ledger.ofPath(name("torn.jpg"))).toBeNull();
      await ledger.append(b);
      expect(await currentPaths(ledger)).toEqual(["a.jpg", "b.jpg"]);
      expect(await readFile(path, "utf8")).toBe(`${JSON.stringify(a)}\n${JSON.stringify(b)}\n`);
      await ledger.close();
    },
  );

  test("of which only half a first line is left begins anew", async () => {
    await writeFile(path, '{"schema":1,"pa');
    const ledger = await Ledger.open(folder);
    await ledger.append(a);
    expect(await currentPaths(ledger)).toEqual(["a.jpg"]);
    await ledger.close();
  });

  test("counts the last line of a path, and finds lines longer than one read", async () => {
    const long = sampleEntry("a.jpg", { warnings: ["w".repeat(10_000)] }, "other content");
    const ledger = await Ledger.open(folder);
    for (const entry of [a, b, long]) await ledger.append(entry);
    expect(await ledger.ofPath(name("a.jpg"))).toEqual(long);
    expect(await currentPaths(ledger)).toEqual(["b.jpg", "a.jpg"]);
    await ledger.close();
  });

  test("passes over a line in its middle that the disk has damaged", async () => {
    await writeFile(path, `${JSON.stringify(a)}\n\0\0\0\n`);
    await appendFile(path, `${JSON.stringify(b)}\n`);
    const ledger = await Ledger.open(folder);
    expect(await currentPaths(ledger)).toEqual(["a.jpg", "b.jpg"]);
    await ledger.close();
  });

  test("leads from a content to the file that was analyzed, not to its duplicates", async () => {
    const twin = sampleEntry("twin.jpg", { duplicateOf: "a.jpg" }, "a.jpg");
    const ledger = await Ledger.open(folder);
    await ledger.append(a);
    await ledger.append(twin);
    expect(await ledger.ofContent(a.sha256!)).toEqual(a);
    await ledger.close();
  });
});
