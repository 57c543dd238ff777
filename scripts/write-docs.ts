// npm run manual: writes the reference pages of docs/ from the commands and schemas.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatPages } from "./docs/pages.ts";

for (const [path, text] of Object.entries(await formatPages())) {
  await writeFile(join(import.meta.dirname, "..", path), text);
}
