import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../cli/run-cli.ts";
import { pages, read, withoutBlocks } from "./markdown.ts";

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = withoutBlocks(text).matchAll(/^#+ (.*)$/gm);
  const anchors = new Set<string>();
  for (const [, heading] of headings) {
    const anchor = heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replace(/ /g, "-");
    let [unique, count] = [anchor, 0];
    while (anchors.has(unique)) unique = `${anchor}-${++count}`;
    anchors.add(unique);
  }
  return anchors;
}

test("every relative link of every page leads to a file, and every anchor to a heading", () => {
  const broken: string[] = [];
  let count = 0;
  for (const page of pages) {
    for (const [, target] of withoutBlocks(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      count++;
      const [path = "", anchor] = target!.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      const isThere = existsSync(join(root, file));
      if (!isThere || (anchor !== undefined && !anchorsOf(read(file)).has(anchor))) {
        broken.push(`${page}: ${target}`);
      }
    }
  }
  expect(count).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});
