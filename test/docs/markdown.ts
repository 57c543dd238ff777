import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../cli/run-cli.ts";

export const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** Paths of all Markdown pages of the repository. */
export const pages: readonly string[] = execFileSync(
  "git",
  ["ls-files", "-co", "--exclude-standard", "*.md"],
  { cwd: root, encoding: "utf8" },
)
  .split("\n")
  .filter((page) => page !== "" && existsSync(join(root, page)));

/** Pages that say how Telltale works today; logs of what was tried and changed name flags that are gone. */
export const guides: readonly string[] = pages.filter(
  (page) => page !== "CHANGELOG.md" && !page.startsWith("docs/research/"),
);

/** Text of each fenced block of a page. */
export function blocksOf(text: string): string[] {
  return [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
}

/** The page without its fenced blocks. */
export const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "");

/** Rows of the table with these columns. */
export function tableOf(page: string, ...columns: string[]): string[][] {
  const rows = read(page)
    .split("\n")
    .filter((line) => !/^\|[ |:-]+$/.test(line))
    .map((line) =>
      line.startsWith("| ")
        ? line
            .slice(1, -1)
            .split(" | ")
            .map((cell) => cell.trim())
        : null,
    );
  const head = rows.findIndex((row) => row?.join("|") === columns.join("|"));
  if (head < 0) throw new Error(`Expected a table with the columns ${columns.join(", ")} in ${page}.`);
  const end = rows.findIndex((row, i) => i > head && row === null);
  return rows.slice(head + 1, end).map((row) => row!);
}
