// npx tsx scripts/docs/contact-sheet.ts OUT [PAGE.html ...]: takes every state of the upload page of the built server, and pages
// that are given, at 360 and 1280 px, light and dark, in Chromium; to look at them after a change.
import { mkdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { startServer } from "../start-server.ts";

const root = join(import.meta.dirname, "../..");
const [out, ...pages] = process.argv.slice(2);
if (out === undefined) throw new Error("name a folder for the pictures");
const fixtures = ["forged.mp4", "two-people.mp4", "still.jpg", "text.mp4", "no-face.mp4"];
const states: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  start: async () => {},
  list: (page) => page.locator(".row").first().waitFor(),
  "list-200": async (page) => {
    const url = new URL("/api/jobs", page.url()).href;
    const { jobs, ...rest } = (await (await page.request.get(url)).json()) as { jobs: object[] };
    const many = Array.from({ length: 200 }, (_, i) => ({
      ...jobs[i % jobs.length],
      id: `${i}`.padStart(8, "0"),
      file: { name: `file ${200 - i}.jpg`, bytes: 1000 + i },
    }));
    await page.route("**/api/jobs", (route) => route.fulfill({ json: { ...rest, jobs: many } }));
    await page.reload();
    await page.locator(".row").nth(199).waitFor();
  },
  picture: (page) => openFile(page, "still.jpg"),
  video: (page) => openFile(page, "forged.mp4"),
  "two-faces": async (page) => {
    await openFile(page, "two-people.mp4");
    for (const summary of await page.locator("summary").all()) await summary.click();
  },
  "no-face": (page) => openFile(page, "no-face.mp4"),
  refused: (page) => openFile(page, "text.mp4"),
};

const { server, url } = await startServer(join(root, "dist/cli/main.js"));
const executablePath = process.env.TELLTALE_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  await mkdir(out, { recursive: true });
  const owner = await browser.newContext();
  await analyze(owner);
  const storageState = await owner.storageState();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [360, 1280]) {
      const look = { colorScheme, viewport: { width, height: 800 } };
      const fresh = await browser.newContext(look);
      const known = await browser.newContext({ ...look, storageState });
      const shoot = (page: Page, name: string) =>
        page.screenshot({
          path: join(out, `${name}-${width}-${colorScheme}.png`),
          ...{ fullPage: true, animations: "disabled" as const },
        });
      for (const [name, go] of Object.entries(states)) {
        const page = await (name === "start" ? fresh : known).newPage();
        await page.goto(url, { waitUntil: "networkidle" });
        await go(page);
        await page.waitForLoadState("networkidle");
        await shoot(page, name);
        await page.close();
      }
      await shootPages(fresh, shoot);
      await Promise.all([fresh.close(), known.close()]);
    }
  }
} finally {
  await (browser as Browser).close();
  server.kill("SIGTERM");
}

async function analyze(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  const files = fixtures.map((name) => join(root, "fixtures/media", name));
  const payload = files.map(async (path) => ({
    ...{ name: basename(path), buffer: await readFile(path) },
    mimeType: path.endsWith(".jpg") ? "image/jpeg" : "video/mp4",
  }));
  await page.setInputFiles("input[type=file]", await Promise.all(payload));
  await page
    .locator(".row.settled")
    .nth(fixtures.length - 1)
    .waitFor({ timeout: 300_000, state: "attached" });
  await page.close();
}

async function openFile(page: Page, name: string): Promise<void> {
  await page.locator(".row").filter({ hasText: name }).locator(".row-open").click();
  await page.locator(".detail .verdict").waitFor();
  await page.waitForTimeout(500);
}

async function shootPages(context: BrowserContext, shoot: (page: Page, name: string) => Promise<unknown>) {
  for (const path of pages) {
    const page = await context.newPage();
    await page.goto(/^https?:/.test(path) ? path : pathToFileURL(resolve(path)).href);
    await shoot(page, basename(path).replace(/\W+/g, "-"));
    await page.close();
  }
}
