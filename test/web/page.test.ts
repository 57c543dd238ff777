import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPage } from "../../scripts/build-page.ts";
import { fileReportSchema } from "../../src/report/schema.ts";
import { verdictSentence } from "../../src/report/sentence.ts";
import type { RunningServer } from "../../src/web/server.ts";
import { fixture } from "../cli/run-cli.ts";
import { axeViolations, browserMissing, openBrowser } from "../report/html/browser.ts";
import { startTestServer } from "./support.ts";

const token = "correct horse battery staple";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-page-"));
  await buildPage(folder);
});
afterAll(() => rm(folder, { recursive: true }));

test("the page is smaller than 60 kB, and names no other server", async () => {
  const names = await readdir(folder);
  expect(names.sort()).toEqual(["icon.svg", "index.html", "page.css", "page.js"]);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(60_000);
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8");
    expect(text.replaceAll("http://www.w3.org/2000/svg", ""), name).not.toMatch(
      /https?:\/\/|innerHTML|\beval\(/,
    );
  }
});

describe.skipIf(browserMissing)("the page in Chromium", () => {
  let browser: Browser;
  let server: RunningServer;
  let complaints: string[];
  beforeAll(async () => {
    server = await startTestServer({}, { pageFolder: folder });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function open(
    options: { colorScheme?: "light" | "dark"; width?: number; url?: string } = {},
  ): Promise<Page> {
    const { colorScheme = "light", width = 1200, url = server.url } = options;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
        complaints.push(request.url());
    });
    await page.goto(url);
    return page;
  }

  const card = (page: Page, name: string) =>
    page.getByRole("article").filter({ has: page.getByRole("heading", { level: 2, name, exact: true }) });

  /** Drops files on the page as a person does, and waits until each has its answer. */
  async function drop(page: Page, ...names: string[]): Promise<void> {
    const files = await Promise.all(
      names.map(async (name) => ({ name, base64: (await readFile(fixture(name))).toString("base64") })),
    );
    // As text, since these tests are compiled without the types of a browser.
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(files)}) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: name.endsWith(".jpg") ? "image/jpeg" : "video/mp4" }));
      }
      return data;
    })()`);
    await page.locator("#app .drop").waitFor();
    await page.dispatchEvent("#app .drop", "drop", { dataTransfer: transfer });
    for (const name of names) await card(page, name).locator(".verdict").waitFor({ timeout: 120_000 });
  }

  test("judges an authentic, a forged and a broken file that are dropped together, as the API does", async () => {
    const page = await open();
    const ends: unknown[] = [];
    await drop(page, "authentic.mp4", "forged.mp4", "text.mp4");
    for (const name of ["authentic.mp4", "forged.mp4"]) {
      const one = card(page, name);
      const href = await one.getByRole("link", { name: `Report as JSON of ${name}` }).getAttribute("href");
      const report = fileReportSchema.parse(await (await page.request.get(server.url + href)).json());
      ends.push(report.verdict);
      expect(await one.locator(".verdict .word").textContent()).toBe(report.verdict);
      expect(await one.locator(".verdict .sentence").textContent()).toBe(verdictSentence(report));
      expect(await one.getByRole("heading", { level: 4 }).allTextContents()).toEqual(
        report.tracks.map(({ id, authenticity }) => `Face ${id} ${authenticity!.toFixed(2)}`),
      );
      const dots = await Promise.all(
        (await one.locator(".dots").all()).map((path) => path.getAttribute("d")),
      );
      expect(dots.join("").match(/M[\d.]+ [\d.]+h0/g)).toHaveLength(report.coverage.framesScored);
    }
    expect(ends).toHaveLength(2);
    const broken = card(page, "text.mp4");
    expect(await broken.textContent()).toContain("This file could not be looked at.");
    expect(await broken.textContent()).toContain("NOT_MEDIA");
    expect(await page.locator(".summary").textContent()).toMatch(/^3 files: .*1 could not be looked at/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("plays the local file in step with the timeline, by keyboard and by pointer", async () => {
    const page = await open();
    await drop(page, "two-people.mp4");
    const slider = page.getByRole("slider", { name: "Frame of two-people.mp4" });
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 1 of 4 at 0:00\.\d: face 1 /);
    await page.keyboard.press("ArrowRight");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 2 of 4 /);
    const at = async () => Number(await page.evaluate("document.querySelector('video').currentTime"));
    const second = await at();
    expect(second).toBeGreaterThan(0.5);
    const area = (await page.locator(".chart").first().boundingBox())!;
    await page.mouse.click(area.x + area.width * 0.95, area.y + 10);
    expect(await page.locator(".chart-side .caption").textContent()).toMatch(/^Frame 4 of 4 /);
    expect(await at()).toBeGreaterThan(second);
    expect(await page.locator(".mark-box").count()).toBe(2);
    await page.close();
  });

  test("shows faces with and without heat, and takes a reader to their moment", async () => {
    const page = await open();
    await drop(page, "two-people.mp4");
    const opacity = () => page.evaluate("getComputedStyle(document.querySelector('.heat')).opacity");
    await page.getByRole("switch", { name: "Show heat" }).uncheck();
    await expect.poll(opacity).toBe("0");
    await page.getByRole("switch", { name: "Show heat" }).check();
    await expect.poll(opacity).toBe("1");
    const widths = (await page.evaluate(
      "[...document.querySelectorAll('.faces img')].map((image) => image.naturalWidth)",
    )) as number[];
    expect(widths.length).toBeGreaterThan(3);
    expect(Math.min(...widths)).toBeGreaterThan(0);
    const moment = page.getByRole("button", { name: /Most authentic at/ }).first();
    const time = /at (\d:\d\d\.\d)/.exec((await moment.textContent())!)![1];
    await moment.click();
    expect(await page.locator(".chart-side .caption").textContent()).toContain(`at ${time}`);
    await page.close();
  });

  test("takes a file away, from the page and from the server", async () => {
    const page = await open();
    await drop(page, "still.jpg");
    const href = await page.getByRole("link", { name: /JSON/ }).getAttribute("href");
    expect((await page.request.get(server.url + href)).status()).toBe(200);
    const wiped = page.waitForResponse((response) => response.request().method() === "DELETE");
    await page.getByRole("button", { name: "Remove still.jpg" }).click();
    expect((await wiped).status()).toBe(204);
    expect(await page.getByRole("article").count()).toBe(0);
    expect((await page.request.get(server.url + href)).status()).toBe(404);
    await page.close();
  });

  test.each([
    ["light", 1200],
    ["dark", 1200],
    ["light", 390],
    ["dark", 390],
  ] as const)(
    "axe finds nothing wrong, and nothing is wider than the screen: %s, %i px",
    async (colorScheme, width) => {
      const page = await open({ colorScheme, width });
      await page.locator(".drop").waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await drop(page, "still.jpg", "text.mp4", "two-people.mp4");
      for (const details of await page.locator("summary").all()) await details.click();
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await page.close();
    },
  );

  test("listens again where too many others listen to its job", async () => {
    const slow = await startTestServer({}, { pageFolder: folder, frames: 30 });
    const page = await open({ url: slow.url });
    const others = new AbortController();
    let isCrowded = false;
    await page.route("**/events", async (route) => {
      if (!isCrowded) {
        isCrowded = true;
        const cookies = await page.context().cookies();
        const headers = { "Telltale-Owner": cookies.find(({ name }) => name === "telltale_owner")!.value };
        const listen = () => fetch(route.request().url(), { headers, signal: others.signal });
        await Promise.all(Array.from({ length: 8 }, listen));
      }
      await route.continue();
    });
    const refused = page.waitForResponse((response) => response.url().endsWith("/events"));
    const dropped = drop(page, "forged.mp4");
    expect((await refused).status()).toBe(429);
    others.abort();
    await dropped;
    expect(await card(page, "forged.mp4").locator(".verdict").getAttribute("class")).not.toContain("failed");
    await page.close();
    await slow.stop();
  }, 180_000);

  test("tells a screen reader what came of a file", async () => {
    const page = await open();
    await drop(page, "text.mp4");
    expect(await page.getByRole("status").textContent()).toMatch(
      /^text\.mp4 could not be looked at\. Expected /,
    );
    await page.close();
  });

  test("asks for the token where there is one, says that a wrong one is wrong, and goes on with the right one", async () => {
    const locked = await startTestServer({ token }, { pageFolder: folder });
    const page = await open({ url: locked.url });
    await page.getByLabel("Token").fill("open sesame");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByRole("alert").textContent())
      .toContain("That is not the server's token");
    await page.getByLabel("Token").fill(token);
    await page.keyboard.press("Enter");
    await drop(page, "still.jpg");
    expect(await card(page, "still.jpg").locator(".word").count()).toBe(1);
    await page.close();
    await locked.stop();
  });
});
