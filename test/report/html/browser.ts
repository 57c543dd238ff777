import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const executablePath = [
  process.env.TELLTALE_CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

/** Why the tests that look at pages cannot run here; null when they can. */
export const browserMissing =
  executablePath === undefined
    ? "no Chromium here (Debian: apt-get install chromium, or set TELLTALE_CHROMIUM)"
    : null;

if (browserMissing) console.warn(`SKIPPED: pages are not looked at: ${browserMissing}.`);

/** Headless Chromium that makes no request of its own. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What axe finds wrong with a page as it stands: each rule, with the first place that breaks it. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Evaluated over the protocol, since the page's own policy runs no other script.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate("axe.run().then((r) => r.violations.map((v) => v.id + ' ' + v.nodes[0].html))");
}
