import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

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
