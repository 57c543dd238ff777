import type { Command } from "commander";
import { expect, test } from "vitest";
import { buildProgram, commandNames } from "../../src/cli/program.ts";
import { blocksOf, guides, read, withoutBlocks } from "./markdown.ts";

/** The words of each `telltale` command in a block of shell lines. */
function commandsOf(block: string): string[][] {
  return block
    .replace(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) => line.replace(/\s#.*$/, "").split("&&"))
    .map((part) =>
      (part.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, "$2")),
    )
    .map((words) => (words[0] === "$" ? words.slice(1) : words))
    .map((words) => (words[0] === "npx" ? words.slice(1) : words))
    .filter((words) => words[0] === "telltale")
    .map((words) => words.slice(1));
}

/** The program with commands that parse and do nothing. */
async function parser(): Promise<Command> {
  const program = await buildProgram(commandNames);
  const silence = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => {});
    for (const sub of command.commands) silence(sub);
  };
  silence(program);
  return program;
}

function flagsOf(command: Command): string[] {
  return [...command.options.map(({ long }) => long!), ...command.commands.flatMap(flagsOf)];
}

test("every telltale command in a block of a page parses", async () => {
  const failures: string[] = [];
  let count = 0;
  for (const page of guides) {
    for (const words of blocksOf(read(page)).flatMap(commandsOf)) {
      count++;
      try {
        await (await parser()).parseAsync(words, { from: "user" });
      } catch (error) {
        failures.push(`${page}: telltale ${words.join(" ")}: ${(error as Error).message}`);
      }
    }
  }
  expect(count).toBeGreaterThan(20);
  expect(failures).toEqual([]);
});

test("every flag that a page names in its text is one of telltale's", async () => {
  const known = new Set([...flagsOf(await buildProgram(commandNames)), "--help", "--version"]);
  // Pages below scripts/ are about other programs.
  const own = guides.filter((page) => !page.startsWith("scripts/"));
  const unknown = own.flatMap((page) =>
    [...withoutBlocks(read(page)).matchAll(/`(--[a-z0-9-]+)/g)]
      .filter(([, flag]) => !known.has(flag!))
      .map(([, flag]) => `${page}: ${flag}`),
  );
  expect(unknown).toEqual([]);
});
