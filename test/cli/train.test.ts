import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makePortraitData } from "../training/portrait-data.ts";

const run = (...args: string[]) =>
  spawnSync(process.execPath, ["dist/cli/main.js", ...args], { encoding: "utf8" });

test("training on an index that is not there ends with one sentence", () => {
  const { status, stderr, stdout } = run("train", "detector", "--data", "nowhere.csv", "--out", "nowhere");
  expect(stdout).toBe("");
  expect(stderr).toBe(
    "telltale: Expected an index.csv at nowhere.csv, but it cannot be read. Give --data the path of a CSV file.\n",
  );
  expect(status).toBe(1);
});

test.each([
  ["--size", "32", "a whole number from 64 to 384"],
  ["--steps", "0", "a whole number, at least 1"],
  ["--seed", "1.5", "a whole number"],
])("training with %s %s is wrong usage", (flag, value, expected) => {
  const { status, stderr } = run("train", "detector", "--data", "a.csv", "--out", "b", flag, value);
  expect(stderr).toBe(`telltale: Expected ${expected} for ${flag} but received ${value}.\n`);
  expect(status).toBe(2);
});

test("evaluating an index that is not there ends with one sentence", () => {
  const { status, stderr } = run("evaluate", "--data", "nowhere.csv", "--backend", "wasm");
  expect(stderr).toBe(
    "telltale: Expected an index.csv at nowhere.csv, but it cannot be read. Give --data the path of a CSV file.\n",
  );
  expect(status).toBe(1);
});

test("a GAN's discriminator becomes a detector, which detect takes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "telltale-gan-detector-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = await makePortraitData(join(folder, "data"));
  const out = join(folder, "run");
  const small = ["--steps", "4", "--batch", "4", "--warm-up", "0", "--threads", "1", "--backend", "wasm"];
  const places = ["--data", data, "--out", out, "--cache", join(folder, "cache")];
  const trained = run("train", "detector", "--from", "models/style-64", ...places, ...small);
  expect(trained.stderr).toContain("training 878993 parameters from step 0");
  expect(trained.stdout).toBe(`${join(out, "model")}\n`);
  const manifest = JSON.parse(readFileSync(join(out, "model/manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ architecture: "style", crop: { sizePx: 64, margin: 1.3 } });
  const model = ["--model", join(out, "model"), "--backend", "wasm", "--json", "-"];
  const judged = run("detect", "fixtures/media/authentic.mp4", ...model);
  expect(JSON.parse(judged.stdout).authenticity).toBeGreaterThan(0);
});
