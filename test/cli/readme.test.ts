import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { z } from "zod";
import { auditOptionsSchema } from "../../src/audit/options.ts";
import { auditCommandSchema } from "../../src/cli/audit.ts";
import { flagOf, helpOf } from "../../src/cli/flags.ts";
import { outputOptionsSchema } from "../../src/cli/output-options.ts";
import { detectOptionsSchema } from "../../src/detection/options.ts";
import { describeOptions, type OptionDescription } from "../../src/options/parse-options.ts";
import { failureReportSchema, fileReportSchema } from "../../src/report/schema.ts";
import { serveOptionsSchema } from "../../src/web/options.ts";
import { root, runCli } from "./run-cli.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** Rows of the table with these columns. */
function table(...columns: string[]): string[][] {
  const rows = readme.split("\n").map((line) =>
    line.startsWith("| ")
      ? line
          .slice(1, -1)
          .split(" | ")
          .map((cell) => cell.trim())
      : null,
  );
  const head = rows.findIndex((row) => row?.join("|") === columns.join("|"));
  expect(head).toBeGreaterThan(-1);
  const end = rows.findIndex((row, i) => i > head && row === null);
  return rows.slice(head + 2, end).map((row) => row!);
}

/** Rows of a table of flags, as the schemas have them. */
function flagRows(...schemas: z.ZodObject[]): string[][] {
  const described = Object.assign({}, ...schemas.map(describeOptions)) as Record<string, OptionDescription>;
  return Object.entries(described).map(([name, option]) => [
    `\`${flagOf(name)}${option.placeholder ? ` ${option.placeholder}` : ""}\``,
    helpOf(option),
  ]);
}

test("README lists the flags of detect as the schemas have them", () => {
  expect(table("flag", "meaning")).toEqual(flagRows(outputOptionsSchema, detectOptionsSchema));
});

test("README lists the flags of audit as the schemas have them", () => {
  expect(table("audit flag", "meaning")).toEqual(flagRows(auditOptionsSchema, auditCommandSchema));
});

test("README lists the flags of serve as the schema has them", () => {
  expect(table("serve flag", "meaning")).toEqual(flagRows(serveOptionsSchema));
});

test("README lists the fields of the JSON, and every nested one by name", () => {
  const rows = table("field", "meaning");
  expect(rows.map(([field]) => field)).toEqual(
    Object.keys(fileReportSchema.shape).map((field) => `\`${field}\``),
  );
  const { tool, model, backend, options, file, threshold, coverage, frames, tracks } = fileReportSchema.shape;
  const nested = [tool, model, backend, options, file, threshold, coverage, frames.element, tracks.element];
  const names = [
    ...nested.flatMap(({ shape }) => Object.keys(shape)),
    ...Object.keys(failureReportSchema.shape),
  ];
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test("README lists the reasons and the commands that there are", async () => {
  const reasons = table("reason", "meaning", "what to do").map(([reason]) => reason!.slice(1, -1));
  expect(reasons.sort()).toEqual(fileReportSchema.shape.reason.unwrap().options.toSorted());
  const { stdout } = await runCli(["--help"]);
  const commands = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}(\w+)/gm)].map(
    (match) => match[1],
  );
  expect(table("command", "what it does").map(([command]) => command!.match(/telltale (\w+)/)![1])).toEqual(
    commands.filter((command) => command !== "help"),
  );
});

test("README lists the exit codes of the help", async () => {
  const { stdout } = await runCli(["detect", "--help"]);
  const rows = table("code", "`telltale detect`").filter(([code]) => !code!.includes(","));
  for (const [code, meaning] of rows) expect(stdout).toContain(`  ${code!.padEnd(4)}${meaning}\n`);
});
