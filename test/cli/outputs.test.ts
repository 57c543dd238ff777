import { execFileSync } from "node:child_process";
import { copyFile, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileReportSchema } from "../../src/report/schema.ts";
import { fixture, root, runCli } from "./run-cli.ts";

let folder: string;
const at = (path: string) => join(folder, path);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-outputs-"));
  await mkdir(at("media"));
  for (const name of ["one.jpg", "two.jpg", "media/one.jpg"]) await copyFile(fixture("still.jpg"), at(name));
  await symlink("one.jpg", at("link.jpg"));
});
afterAll(() => rm(folder, { recursive: true }));

const few = ["--frames", "2", "--backend", "wasm"];

describe("what would be overwritten is refused before the work, with 2", () => {
  test.each([
    ["detect --json onto its input", ["detect", "--json", "one.jpg", "one.jpg"]],
    ["detect --csv onto one of its inputs", ["detect", "--csv", "two.jpg", "one.jpg", "two.jpg"]],
    ["detect --summary onto its input", ["detect", "--summary", "one.jpg", "one.jpg"]],
    ["detect --overlay onto its input", ["detect", "--overlay", "./one.jpg", "one.jpg"]],
    ["detect --html onto its input, which is named by a link", ["detect", "--html", "one.jpg", "link.jpg"]],
    ["detect --json and --html at one place", ["detect", "--json", "x", "--html", "x", "one.jpg"]],
    [
      "detect --json onto the model",
      ["detect", "--model", "media", "--json", "media/manifest.json", "one.jpg"],
    ],
    ["compare --json into the folder", ["compare", "media", "media", "media", "--json", "media/x.json"]],
    ["calibrate --out into the footage", ["calibrate", "media", "--out", "media/model"]],
    ["evaluate --out onto its index", ["evaluate", "--data", "evaluation.json", "--out", "."]],
    ["train gan --out into its pictures", ["train", "gan", "--data", "media", "--out", "media/run"]],
    [
      "train restoration --out into its pictures",
      ["train", "restoration", "--data", "media", "--out", "media/run"],
    ],
    [
      "train swap --out into its pictures",
      ["train", "swap", "--a", "x", "--b", "media", "--out", "media/run"],
    ],
    [
      "train detector --out onto its index",
      ["train", "detector", "--data", "media/index.csv", "--out", "media"],
    ],
    ["forge --out into its pictures", ["forge", "--from", "run", "--data", "media", "--out", "media/fakes"]],
    ["audit --out onto the audited folder", ["audit", "media", "--out", "media"]],
    ["audit --move-forged onto the audited folder", ["audit", "media", "--move-forged", "media"]],
    ["audit --move-forged onto its results", ["audit", "media", "--move-forged", "audit"]],
  ])("%s", async (_, args) => {
    // Paths are meant in the temporary folder.
    const before = await contentOf(folder);
    const { code, stdout, stderr } = await runCli(args, {}, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^telltale: Expected .*\.\n$/);
    expect(await contentOf(folder)).toEqual(before);
  });
});

test.skipIf(process.platform === "win32")("a pipe and a link stay what they are", async () => {
  execFileSync("mkfifo", [at("pipe")]);
  await symlink("real.json", at("link.json"));
  const [text, piped] = await Promise.all([
    readFile(at("pipe"), "utf8"),
    runCli(["detect", ...few, "--quiet", "--json", at("pipe"), "--html", at("link.json"), at("one.jpg")]),
  ]);
  expect(piped.stderr).toBe("");
  fileReportSchema.parse(JSON.parse(text));
  expect((await lstat(at("pipe"))).isFIFO()).toBe(true);
  expect((await lstat(at("link.json"))).isSymbolicLink()).toBe(true);
  expect(await readFile(at("real.json"), "utf8")).toMatch(/^<!doctype html>/);
});

test.skipIf(process.platform === "win32")(
  "a report can be given to a program by process substitution",
  () => {
    const script = `"$0" dist/cli/main.js detect ${few.join(" ")} --quiet --json >(cat) "$1"; true`;
    const text = execFileSync("bash", ["-c", `{ ${script}; } | cat`, process.execPath, at("one.jpg")], {
      cwd: root,
    });
    fileReportSchema.parse(JSON.parse(text.toString()));
  },
);

/** Names and sizes of everything in a folder. */
async function contentOf(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return Promise.all(names.sort().map(async (name) => `${name} ${(await lstat(join(path, name))).size}`));
}
