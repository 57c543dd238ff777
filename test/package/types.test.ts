import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "telltale-types-"));

/** A project that uses the library as the README says. */
const consumer = `
import { audit, detect, openDetector, TelltaleError, type Report, type Verdict } from "telltale";

try {
  const { verdict, authenticity } = await detect("clip.mp4", { frames: 8 });
  const said: Verdict = verdict;
  const share: number | null = authenticity;
  const detector = await openDetector();
  for await (const frame of detector.frames("clip.mp4")) console.log(said, share, frame);
  await detector.close();
  for await (const entry of audit("media", { out: "audit" })) console.log(entry);
} catch (error) {
  if (error instanceof TelltaleError) console.error(error.code);
}
export type Document = Report;
`;

beforeAll(() => {
  // The packed files, without what they are built of.
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  execFileSync("tar", ["-xzf", tarball], { cwd: folder });
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@types"), { recursive: true });
  renameSync(join(folder, "package"), join(modules, "telltale"));
  for (const name of ["zod", "@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "main.ts"), consumer);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["typescript-5", "typescript", "typescript-7"])("a project with %s", (compiler) => {
  test.each(["ES2023", "ES2023,DOM"])(
    "type-checks without skipLibCheck, lib %s",
    (lib) => {
      const tsc = join(root, "node_modules", compiler, "bin/tsc");
      const flags = ["--strict", "--noEmit", "--target", "ES2022", "--module", "NodeNext", "--types", "node"];
      const run = spawnSync(process.execPath, [tsc, ...flags, "--lib", lib, "main.ts"], {
        cwd: folder,
        encoding: "utf8",
      });
      expect(run.stdout + run.stderr).toBe("");
      expect(run.status).toBe(0);
    },
    120_000,
  );
});

test("the package declares its types in one file", () => {
  const files = readdirSync(join(folder, "node_modules/telltale/dist"), {
    recursive: true,
    encoding: "utf8",
  });
  expect(files.filter((file) => file.endsWith(".d.ts"))).toEqual(["index.d.ts"]);
});
