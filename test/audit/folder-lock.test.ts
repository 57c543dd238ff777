import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "../../src/audit/folder-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const held = expect.objectContaining({ code: "AUDIT_LOCKED" });

test("a folder has one holder at a time, who leaves nothing behind", async () => {
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(
    `Expected ${folder} for this audit alone, but process ${process.pid} on ${hostname()} is using it; wait, set another folder with --out, or delete ${join(folder, "audit.lock")} if that process no longer runs.`,
  );
  await unlock();
  const again = await lockFolder(folder);
  await again();
  expect(await readdir(folder)).toEqual([]);
});

test("the lock of a process that was killed is taken over", async () => {
  const child = spawn("sleep", ["60"]);
  const pid = child.pid!;
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  await writeFile(join(folder, "audit.lock"), JSON.stringify({ pid, host: hostname(), started: null }));
  const unlock = await lockFolder(folder);
  expect(JSON.parse(await readFile(join(folder, "audit.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  await unlock();
});

test.skipIf(process.platform !== "linux")(
  "a later process with the same id is told from the holder",
  async () => {
    const text = JSON.stringify({ pid: process.pid, host: hostname(), started: "another boot 1" });
    await writeFile(join(folder, "audit.lock"), text);
    const unlock = await lockFolder(folder);
    await unlock();
  },
);

test.each([
  ["another machine's", JSON.stringify({ pid: 1, host: "elsewhere.example", started: null })],
  ["an unreadable one", "{"],
])("%s lock is respected", async (_, text) => {
  await writeFile(join(folder, "audit.lock"), text);
  await expect(lockFolder(folder)).rejects.toEqual(held);
  expect(await readdir(folder)).toEqual(["audit.lock"]);
});

test("a lock that cannot be read is respected, and not tried for ever", async () => {
  await mkdir(join(folder, "audit.lock"));
  await expect(lockFolder(folder)).rejects.toEqual(held);
});

test("a folder that cannot be written to is named", async () => {
  await expect(lockFolder(join(folder, "gone"))).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
});

test("of many that come at once for a dead holder's folder, one gets it", async () => {
  await writeFile(
    join(folder, "audit.lock"),
    JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: null }),
  );
  // Processes, since a lock knows its holder by the process.
  const module = JSON.stringify(new URL("../../src/audit/folder-lock.ts", import.meta.url).href);
  const code = `const { lockFolder } = await import(${module});
    try { await lockFolder(${JSON.stringify(folder)}); console.log("got"); setTimeout(() => {}, 60_000) } catch (e) { console.log(e.code) }`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code]),
  );
  const said = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(`${text}`.trim()))),
    ),
  );
  for (const child of children) child.kill("SIGKILL");
  expect(said.sort()).toEqual(["AUDIT_LOCKED", "AUDIT_LOCKED", "AUDIT_LOCKED", "got"]);
});
