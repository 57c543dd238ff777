// npx tsx scripts/docs/screenshot.ts: takes docs/images/page.png of the built server in Chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { startServer } from "../start-server.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "docs/images");

const { server, url } = await startServer(join(root, "dist/cli/main.js"));
try {
  const executablePath = process.env.TELLTALE_CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: "light" });
    await page.goto(url);
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
