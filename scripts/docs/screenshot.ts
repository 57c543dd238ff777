// npx tsx scripts/docs/screenshot.ts: takes docs/images/page.png of the built server in Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import sharp from "sharp";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "docs/images");

const server = spawn(process.execPath, [join(root, "dist/cli/main.js"), "serve", "--port", "0"]);
try {
  const [line] = (await once(createInterface(server.stderr), "line")) as [string];
  const address = line.match(/http:\S+/)?.[0];
  if (!address) throw new Error(`Expected the address of the server but received: ${line}`);
  const executablePath = process.env.TELLTALE_CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: "light" });
    await page.goto(address);
    await page.setInputFiles("input[type=file]", join(root, "fixtures/media/forged.mp4"));
    await page.locator(".verdict").waitFor({ timeout: 120_000 });
    await page.getByRole("slider").focus();
    await page.keyboard.press("Home");
    await page.locator(".mark-box").first().waitFor();
    await page.evaluate("scrollTo(0, 0)");
    const shot = await page.screenshot({ animations: "disabled" });
    await mkdir(folder, { recursive: true });
    await sharp(shot).png({ palette: true, colours: 128 }).toFile(join(folder, "page.png"));
  } finally {
    await browser.close();
  }
} finally {
  server.kill("SIGTERM");
}
