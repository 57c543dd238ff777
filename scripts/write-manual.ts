// npm run manual: writes COMMANDS.md from the commands themselves.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatManual } from "../src/cli/manual.ts";
import { buildProgram, commandNames } from "../src/cli/program.ts";

await writeFile(join(import.meta.dirname, "../COMMANDS.md"), formatManual(await buildProgram(commandNames)));
