import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

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

test("training options out of range are wrong usage", () => {
  const { status, stderr } = run("train", "detector", "--data", "a.csv", "--out", "b", "--size", "32");
  expect(stderr).toBe("telltale: Expected a whole number from 64 to 384 for --size but received 32.\n");
  expect(status).toBe(2);
});

test("evaluating an index that is not there ends with one sentence", () => {
  const { status, stderr } = run("evaluate", "--data", "nowhere.csv", "--backend", "wasm");
  expect(stderr).toBe(
    "telltale: Expected an index.csv at nowhere.csv, but it cannot be read. Give --data the path of a CSV file.\n",
  );
  expect(status).toBe(1);
});
