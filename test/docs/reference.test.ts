import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatPages } from "../../scripts/docs/pages.ts";
import { flagOf } from "../../src/cli/flags.ts";
import { commandNames } from "../../src/cli/program.ts";
import { failureReportSchema, fileReportSchema } from "../../src/report/schema.ts";
import { trainDetectorOptionsSchema } from "../../src/training/detector/detector-options.ts";
import { root } from "../cli/run-cli.ts";

const pages = await formatPages();

test.each(Object.keys(pages))("%s is what `npm run manual` writes", (path) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(pages[path]);
});

test("the command line reference has each command, and each option of a schema", () => {
  const page = pages["docs/cli.md"]!;
  for (const name of commandNames) expect(page).toMatch(new RegExp(`^## telltale ${name}\\b`, "m"));
  const chapter = page.split("## telltale train detector")[1]!.split("\n## ")[0]!;
  for (const name of Object.keys(trainDetectorOptionsSchema.shape))
    expect(chapter).toContain(`\`${flagOf(name)}`);
});

test("the report format has each field with a meaning, and a table for each object within the report", () => {
  const [analyzed, failed] = pages["docs/report-format.md"]!.split("## Report on a file that could not");
  const { tool, threshold, coverage, frames, tracks } = fileReportSchema.shape;
  const objects = [fileReportSchema, tool, threshold, coverage, frames.element, tracks.element];
  for (const { shape } of objects)
    for (const name of Object.keys(shape)) expect(analyzed).toContain(`\n| \`${name}\` | `);
  for (const name of Object.keys(failureReportSchema.shape)) expect(failed).toContain(`\n| \`${name}\` | `);
  expect(analyzed).toContain("\n### `frames[].faces[]`\n");
  expect(`${analyzed}${failed}`).not.toMatch(/\|\s+\|$/m);
});
