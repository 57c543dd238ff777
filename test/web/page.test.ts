import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPage } from "../../scripts/build-page.ts";
import { fileReportSchema } from "../../src/report/schema.ts";
import { verdictSentence } from "../../src/report/sentences.ts";
import { verdictWords } from "../../src/report/words.ts";
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

test("the page is smaller than 150 kB, and names no other server", async () => {
  const names = await readdir(folder);
  expect(names.sort()).toEqual(["icon.svg", "index.html", "page.css", "page.js", "sample.mp4"]);
  // The sample is fetched by those who ask for it.
  names.pop();
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000);
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

  const row = (page: Page, name: string) =>
    page.locator(".row").filter({ has: page.locator("bdi", { hasText: new RegExp(`^${name}$`) }) });

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
    await page.locator("#app .drop").waitFor({ state: "attached" });
    await page.dispatchEvent("#app .drop", "drop", { dataTransfer: transfer });
    for (const name of names) await settled(page, name);
  }

  const settled = (page: Page, name: string) =>
    row(page, name).and(page.locator(".settled")).waitFor({ state: "attached", timeout: 120_000 });

  /** Opens a file of the list. */
  async function openFile(page: Page, name: string): Promise<void> {
    await row(page, name).locator(".row-open").click();
    await page.locator(".detail .verdict").waitFor();
  }

  /** The report of the file that is open, as the API has it. */
  async function openReport(page: Page, name: string) {
    const href = await page.getByRole("link", { name: `Report as JSON of ${name}` }).getAttribute("href");
    return fileReportSchema.parse(await (await page.request.get(server.url + href)).json());
  }

  test("analyzes an authentic, a forged and a broken file that are dropped together, as the API does", async () => {
    const page = await open();
    await drop(page, "authentic.mp4", "forged.mp4", "text.mp4");
    for (const name of ["authentic.mp4", "forged.mp4"]) {
      await openFile(page, name);
      const report = await openReport(page, name);
      expect(await page.locator(".detail .verdict .word").textContent()).toBe(verdictWords[report.verdict]);
      expect(await page.locator(".detail .verdict .sentence").textContent()).toBe(verdictSentence(report));
      const dots = await Promise.all(
        (await page.locator(".detail .dots").all()).map((path) => path.getAttribute("d")),
      );
      expect(dots.join("").match(/M[\d.]+ [\d.]+h0/g)).toHaveLength(report.coverage.framesScored);
      await page.keyboard.press("Escape");
      expect(await row(page, name).locator("strong").textContent()).toBe(verdictWords[report.verdict]);
    }
    expect(await row(page, "text.mp4").locator("strong.failed").count()).toBe(1);
    expect(await page.locator(".chip.failed strong").textContent()).toBe("1");
    expect(complaints).toEqual([]);
    await page.close();
  }, 180_000);

  test("shows the frames in step with the timeline, by keyboard and by pointer", async () => {
    const page = await open();
    await drop(page, "two-people.mp4");
    await page.locator(".detail .verdict").waitFor();
    const slider = page.getByRole("slider", { name: "Frame of two-people.mp4" });
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 1 of 4 at 0:00\.\d: face 1 /);
    await page.keyboard.press("ArrowRight");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 2 of 4 /);
    const area = (await page.locator(".detail .chart").first().boundingBox())!;
    await page.mouse.click(area.x + area.width * 0.95, area.y + 10);
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 4 of 4 /);
    expect(await page.locator(".mark-box").count()).toBe(2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("heat is explained and switched off where there is some, and not spoken of where there is none", async () => {
    const page = await open();
    await drop(page, "still.jpg", "still-forged.jpg");
    await openFile(page, "still.jpg");
    await page.locator(".detail .face").waitFor();
    expect(await page.locator(".heat-key").count()).toBe(0);
    await page.keyboard.press("Escape");
    await openFile(page, "still-forged.jpg");
    const heat = page.getByRole("switch", { name: "Show heat" });
    const opacity = () =>
      page.evaluate("getComputedStyle(document.querySelector('.heats canvas')).opacity") as Promise<string>;
    expect(await opacity()).toBe("1");
    await heat.uncheck();
    await expect.poll(opacity).toBe("0");
    await page.close();
  });

  test("on a phone a mark stands beside its words, a name beside its button, and moments fill their rows", async () => {
    const page = await open({ width: 360 });
    await drop(page, "two-people.mp4", "still.jpg");
    const top = async (selector: string) => (await page.locator(selector).first().boundingBox())!.y;
    const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(12);
    close(await top(".row .icon"), await top(".row-finding strong"));
    await openFile(page, "two-people.mp4");
    close(await top(".verdict .icon"), await top(".verdict .word"));
    close(await top(".detail h2"), await top(".detail > header .quiet"));
    const back = (await page.locator(".back").boundingBox())!;
    expect(back.width).toBeLessThan(200);
    const lefts = (await page.evaluate(
      "[...document.querySelectorAll('.moment')].map((one) => one.getBoundingClientRect().left)",
    )) as number[];
    expect(lefts.length % new Set(lefts).size).toBe(0);
    await page.close();
  });

  test("a reload and a second tab show what the server has, and a file deleted in one is gone in both", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await drop(page, "still.jpg", "still-forged.jpg");
    await page.reload();
    await settled(page, "still.jpg");
    expect(await page.locator(".row").count()).toBe(2);
    await openFile(page, "still.jpg");
    await page.reload();
    await page.locator(".detail .verdict").waitFor();
    const { file } = await openReport(page, "still.jpg");
    expect(file.path).toBe("still.jpg");

    const second = await context.newPage();
    await second.goto(server.url);
    await settled(second, "still-forged.jpg");
    const wiped = second.waitForResponse((response) => response.request().method() === "DELETE");
    await second.getByRole("button", { name: "Delete still-forged.jpg" }).click();
    expect((await wiped).status()).toBe(204);
    await expect.poll(() => second.locator(".row").count()).toBe(1);
    await page.bringToFront();
    await expect.poll(() => page.locator(".row").count()).toBe(1);
    // Another reader sees none of it.
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(server.url);
    await stranger.locator("#app .drop").waitFor();
    expect(await stranger.locator(".row").count()).toBe(0);
    await stranger.close();
    await context.close();
  }, 180_000);

  test("200 files are sorted, filtered and walked through by keyboard", async () => {
    const page = await open();
    await drop(page, "still.jpg", "text.mp4");
    const jobs = (await (await page.request.get(`${server.url}api/jobs`)).json()) as { jobs: object[] };
    const [one] = jobs.jobs as [Record<string, unknown>];
    const many = Array.from({ length: 200 }, (_, i) => ({
      ...one,
      id: `${i}`.padStart(8, "0"),
      file: { name: `file ${200 - i}.jpg`, bytes: 1000 + i },
    }));
    await page.route("**/api/jobs", (route) => route.fulfill({ json: { ...jobs, jobs: many } }));
    await page.reload();
    await expect.poll(() => page.locator(".row").count()).toBe(200);
    await page.getByLabel("Sort").selectOption("name");
    const first = page.locator(".row .row-open").first();
    expect(await first.textContent()).toContain("file 1.jpg");
    await first.focus();
    const focused = () => page.evaluate("document.activeElement.textContent") as Promise<string>;
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toContain("file 2.jpg");
    await page.keyboard.press("End");
    expect(await focused()).toContain("file 200.jpg");
    const began = Date.now();
    await page.keyboard.press("Home");
    expect(await focused()).toContain("file 1.jpg");
    expect(Date.now() - began).toBeLessThan(2000);
    await page.close();
  }, 120_000);

  test.each([
    ["light", 1200],
    ["dark", 1200],
    ["light", 360],
    ["dark", 360],
  ] as const)(
    "axe finds nothing wrong, and nothing is wider than the screen: %s, %i px",
    async (colorScheme, width) => {
      const page = await open({ colorScheme, width });
      await page.locator(".drop").waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await drop(page, "still.jpg", "text.mp4", "two-people.mp4");
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await openFile(page, "two-people.mp4");
      for (const details of await page.locator("summary").all()) await details.click();
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      await page.close();
    },
    180_000,
  );

  test("listens again where too many others listen to its job", async () => {
    const slow = await startTestServer({}, { pageFolder: folder, frames: 30 });
    const page = await open({ url: slow.url });
    const others = new AbortController();
    let isCrowded = false;
    await page.route("**/events?*", async (route) => {
      if (!isCrowded) {
        isCrowded = true;
        const cookies = await page.context().cookies();
        const headers = { "Telltale-Owner": cookies.find(({ name }) => name === "telltale_owner")!.value };
        const listen = () => fetch(route.request().url(), { headers, signal: others.signal });
        await Promise.all(Array.from({ length: 8 }, listen));
      }
      await route.continue();
    });
    const refused = page.waitForResponse((response) => /\/events/.test(response.url()));
    const dropped = drop(page, "forged.mp4");
    expect((await refused).status()).toBe(429);
    others.abort();
    await dropped;
    await page.locator(".detail .verdict").waitFor();
    expect(await page.locator(".detail .verdict").getAttribute("class")).not.toContain("failed");
    await page.close();
    await slow.stop();
  }, 180_000);

  test("tells a screen reader what came of a file", async () => {
    const page = await open();
    await drop(page, "text.mp4");
    await expect.poll(() => page.getByRole("status").textContent()).toMatch(/^text\.mp4: /);
    await page.close();
  });

  test("a sample is there to try, and an address is told to be downloaded", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Try a sample" }).click();
    await page.locator(".detail .verdict").waitFor({ timeout: 120_000 });
    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "https://example.org/clip.mp4");
      dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
    })()`);
    expect(await page.locator(".drop [role=alert]").textContent()).toMatch(/Download/);
    expect(complaints).toEqual([]);
    await page.close();
  }, 180_000);

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
    await page.locator(".detail .verdict").waitFor();
    await page.close();
    await locked.stop();
  });
});
