import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flagOf } from "../../src/cli/flags.ts";
import { formatManual } from "../../src/cli/manual.ts";
import { buildProgram, commandNames } from "../../src/cli/program.ts";
import { trainDetectorOptionsSchema } from "../../src/training/detector/detector-options.ts";
import { root } from "./run-cli.ts";

const manual = readFileSync(join(root, "COMMANDS.md"), "utf8");

test("COMMANDS.md says what the commands say of themselves; `npm run manual` writes it", async () => {
  expect(manual).toBe(formatManual(await buildProgram(commandNames)));
});

test("COMMANDS.md has each command, and each option of a schema", () => {
  for (const name of commandNames) expect(manual).toMatch(new RegExp(`^## telltale ${name}\\b`, "m"));
  const chapter = manual.split("## telltale train detector")[1]!.split("\n## ")[0]!;
  for (const name of Object.keys(trainDetectorOptionsSchema.shape))
    expect(chapter).toContain(`\`${flagOf(name)}`);
});
