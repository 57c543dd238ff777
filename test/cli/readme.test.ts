import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureReportSchema, fileReportSchema } from "../../src/report/schema.ts";
import { root, runCli } from "./run-cli.ts";

const read = (page: string) => readFileSync(join(root, page), "utf8");

/** Rows of the table with these columns. */
function table(page: string, ...columns: string[]): string[][] {
  const rows = read(page)
    .split("\n")
    .map((line) =>
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

test("the report format lists the fields of the JSON, and every nested one by name", () => {
  const page = "docs/report-format.md";
  expect(table(page, "field", "meaning").map(([field]) => field)).toEqual(
    Object.keys(fileReportSchema.shape).map((field) => `\`${field}\``),
  );
  const { tool, model, backend, options, file, threshold, coverage, frames, tracks } = fileReportSchema.shape;
  const nested = [tool, model, backend, options, file, threshold, coverage, frames.element, tracks.element];
  const names = [
    ...nested.flatMap(({ shape }) => Object.keys(shape)),
    ...Object.keys(failureReportSchema.shape),
  ];
  const text = read(page);
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("the guide to detect lists the reasons that there are", () => {
  const reasons = table("docs/detect.md", "reason", "meaning", "what to do").map(([reason]) =>
    reason!.slice(1, -1),
  );
  expect(reasons.sort()).toEqual(fileReportSchema.shape.reason.unwrap().options.toSorted());
});

test("README lists the commands of the help", async () => {
  const { stdout } = await runCli(["--help"]);
  const commands = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}(\w+)/gm)].map(
    (match) => match[1],
  );
  const listed = table("README.md", "command", "what it does");
  expect(listed.map(([command]) => command!.match(/telltale (\w+)/)![1])).toEqual(
    commands.filter((command) => command !== "help"),
  );
});

test("the guide to detect lists the exit codes of the help", async () => {
  const { stdout } = await runCli(["detect", "--help"]);
  const rows = table("docs/detect.md", "code", "`telltale detect`").filter(([code]) => !code!.includes(","));
  for (const [code, meaning] of rows) expect(stdout).toContain(`  ${code!.padEnd(4)}${meaning}\n`);
});

test("README and CONTRIBUTING stay short", () => {
  expect(Buffer.byteLength(read("README.md"))).toBeLessThanOrEqual(8192);
  expect(Buffer.byteLength(read("CONTRIBUTING.md"))).toBeLessThanOrEqual(6144);
});
