import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandWords, wordsOf } from "../../src/cli/completion.ts";
import { buildProgram, commandNames } from "../../src/cli/program.ts";
import { shells } from "../../src/cli/shells.ts";
import { runCli } from "./run-cli.ts";

let root: CommandWords;
let folder: string;
beforeAll(async () => {
  root = wordsOf(await buildProgram(commandNames));
  folder = await mkdtemp(join(tmpdir(), "telltale-completion-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What bash offers for the words so far; the last one is being typed. */
async function offers(...words: string[]): Promise<string[]> {
  const script = join(folder, "telltale.bash");
  await writeFile(script, shells.bash(root));
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _telltale; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program, "bash", script, "telltale", ...words], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
}

describe("completion in bash", () => {
  test("offers the commands", async () => {
    expect(await offers("co")).toEqual(["compare", "completion"]);
    expect(await offers("train", "")).toEqual(expect.arrayContaining(["gan", "detector"]));
  });

  test("offers a command's flags, and no other's", async () => {
    expect(await offers("detect", "--f")).toEqual(["--frames", "--fps"]);
    expect(await offers("models", "--")).toEqual(["--json", "--help"]);
  });

  test("offers the values of a flag that has a few", async () => {
    expect(await offers("detect", "--backend", "")).toEqual(["auto", "tensorflow", "wasm", "cpu"]);
    expect(await offers("detect", "clip.mp4", "--backend", "w")).toEqual(["wasm"]);
  });
});

test.each(["bash", "zsh", "fish"] as const)(
  "the script for %s is well formed and knows every flag",
  async (shell) => {
    const script = shells[shell](root);
    const flags = root.commands.flatMap((command) => command.flags.map(({ flag }) => flag));
    for (const flag of flags) expect(script).toContain(shell === "fish" ? `-l ${flag.slice(2)}` : flag);
    const path = join(folder, `telltale.${shell}`);
    await writeFile(path, script);
    const { error, status, stderr } = spawnSync(shell, ["-n", path], { encoding: "utf8" });
    if (error) console.warn(`SKIPPED: the script for ${shell} is not parsed: ${shell} is not installed.`);
    else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

test("telltale completion prints the script, and refuses other shells", async () => {
  expect(await runCli(["completion", "fish"])).toEqual({ code: 0, stdout: shells.fish(root), stderr: "" });
  expect(await runCli(["completion", "tcsh"])).toEqual({
    code: 2,
    stdout: "",
    stderr: 'telltale: Expected one of bash, zsh, fish for SHELL but received "tcsh".\n',
  });
});
