import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkOutputs } from "../../src/files/check-outputs.ts";

let folder: string;
const at = (path: string) => join(folder, path);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-outputs-"));
  await mkdir(at("media/sub"), { recursive: true });
  await writeFile(at("media/clip.mp4"), "clip");
  await symlink(at("media/clip.mp4"), at("link.json"));
  await symlink("media", at("same-media"));
  await symlink("new.json", at("dangling.json"));
  await link(at("media/clip.mp4"), at("hard.json"));
});
afterAll(() => rm(folder, { recursive: true }));

const usage = expect.objectContaining({ name: "TelltaleError", code: "USAGE" });

test.each([
  ["the input itself", "media/clip.mp4"],
  ["the input by another spelling", "media/sub/../clip.mp4"],
  ["a symbolic link to the input", "link.json"],
  ["a hard link of the input", "hard.json"],
  ["the input through a linked folder", "same-media/clip.mp4"],
])("%s is refused as an output", async (_, path) => {
  const output = { name: "--json", path: at(path) };
  await expect(checkOutputs([output], { files: [at("media/clip.mp4")] })).rejects.toEqual(usage);
});

test.each([
  ["the folder itself", "media"],
  ["a new file in it", "media/new.json"],
  ["a new file in a new folder in it", "media/a/b/new.json"],
  ["a new file through a link to it", "same-media/new.json"],
])("of a folder that is read, %s is refused as an output", async (_, path) => {
  await expect(checkOutputs([{ name: "--out", path: at(path) }], { folders: [at("media")] })).rejects.toEqual(
    usage,
  );
});

test.each([
  ["one path", "x.json", "x.json"],
  ["two spellings", "x.json", "media/../x.json"],
  ["names that differ in case alone", "x.json", "X.JSON"],
  ["a link to what is still to be written", "dangling.json", "new.json"],
  ["two names of one file", "media/clip.mp4", "hard.json"],
])("two outputs at %s are refused", async (_, first, second) => {
  const outputs = [
    { name: "--json", path: at(first) },
    { name: "--html", path: at(second) },
  ];
  await expect(checkOutputs(outputs)).rejects.toEqual(usage);
});

test("different outputs next to the inputs, and one device twice, are taken", async () => {
  const outputs = ["x.json", "x.html", "media-2"].map((path) => ({ name: "--out", path: at(path) }));
  const inputs = { files: [at("media/clip.mp4")], folders: [at("media")] };
  await checkOutputs(outputs, inputs);
  await checkOutputs(["--json", "--csv"].map((name) => ({ name, path: "/dev/null" })));
});
