import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatAuditPage, type Shown } from "../../../src/report/audit/page.ts";
import { formatQueuePage } from "../../../src/report/audit/queue-page.ts";
import type { AuditEntry, AuditSummary } from "../../../src/types/audit.ts";
import { sampleEntry } from "../../audit/sample-entry.ts";
import { fixture } from "../../cli/run-cli.ts";
import { axeViolations, browserMissing, openBrowser } from "../html/browser.ts";

const hostile = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>.mp4`;
const pictures = { report: "reports/ab/one.html", thumbnail: "reports/ab/one.jpg" };
const broken: NonNullable<AuditEntry["origin"]> = {
  ...{ declares: "captured", signed: false, by: null, credentials: { state: "invalid" } },
  ...{ sentence: "WARNING: <b>broken</b>", pixels: "inconclusive" },
};
const shown: Shown[] = [
  {
    outcome: "forged",
    hidden: 3,
    entries: [
      sampleEntry("worst.jpg", { authenticity: 0.01, ...pictures, movedTo: "/away/worst.jpg" }),
      sampleEntry(hostile, { kind: "video", durationSec: 75, duplicateOf: hostile, ...pictures }),
    ],
  },
  {
    outcome: "inconclusive",
    hidden: 0,
    entries: [
      sampleEntry("in/two\nlines.png", { outcome: "inconclusive", reason: "no-face", authenticity: null }),
    ],
  },
  {
    outcome: "error",
    hidden: 0,
    entries: [
      sampleEntry("broken.mp4", {
        ...({ outcome: "error", kind: null, authenticity: null, width: null, height: null } as const),
        error: { code: "DECODE_FAILED", message: "Expected <b>a video</b>." },
      }),
    ],
  },
  {
    outcome: "authentic",
    hidden: 12,
    entries: [sampleEntry("good.jpg", { outcome: "authentic", authenticity: 0.9, origin: broken })],
  },
  { outcome: "not-media", hidden: 7, entries: [] },
];
const summary: AuditSummary = {
  schema: 1,
  tool: { name: "telltale", version: "1.0.0" },
  folder: `/media/${hostile}`,
  model: { name: "face", version: "1.0.0", sha256: "ab".repeat(32) },
  options: { frames: 32, include: [], since: "7d" },
  counts: { forged: 5, inconclusive: 1, error: 1, authentic: 13, "not-media": 7 },
  ...{ files: 27, duplicates: 1, moved: 1, bytes: 12_345_678, mediaSec: 3725 },
  reasons: { "no-face": 1 },
  errors: { DECODE_FAILED: 1 },
  origins: { captured: 1, "invalid-credentials": 1 },
  madeAt: "2026-03-02T12:00:00.000Z",
};
const html = formatAuditPage(summary, shown);

describe("the summary of an audit", () => {
  test("shows the most forged file first, then what is inconclusive, what failed and what is authentic", () => {
    const names = ["worst.jpg", "&lt;img src=x", "two?lines.png", "broken.mp4", "good.jpg"];
    const places = names.map((name) => html.indexOf(`<bdi>${name}`));
    // The hostile name begins otherwise, and stands in the heading first.
    places[1] = html.lastIndexOf("&lt;img src=x onerror");
    places[2] = html.indexOf("two?lines.png");
    expect(places.every((place) => place > 0)).toBe(true);
    expect([places[0], ...places.slice(2)]).toEqual([places[0], ...places.slice(2)].sort((a, b) => a! - b!));
  });

  test("counts, links to reports and says what to do", () => {
    for (const text of [
      "<strong>13</strong><span>No sign of forgery found</span>",
      "27 files, 12.3 MB; 1:02:05 of video; 1 with the content of another; 1 moved away.",
      `<a href="reports/ab/one.html"><bdi>worst.jpg</bdi></a>`,
      `<img src="reports/ab/one.jpg" alt="" loading="lazy">`,
      "Moved to /away/worst.jpg.",
      "And 12 more: files.csv has them all.",
      "Expected &lt;b&gt;a video&lt;/b&gt;.",
      "<dt>frames</dt><dd>32</dd>",
      "<dt>include</dt><dd>not set</dd>",
    ]) {
      expect(html).toContain(text);
    }
  });

  test("a file's name stays a text, and nothing comes from elsewhere", () => {
    expect(html).not.toContain("<img src=x");
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).not.toMatch(/\b(src|href)="(?!reports\/)/);
    expect(html).not.toMatch(/@import|url\(/);
  });
});

test("the queue's page names what is judged by whom, and a file's name stays a text", () => {
  const page = formatQueuePage(
    {
      counts: { waiting: 12, active: 1, failed: 1 },
      workers: ["host-1", "host-2"],
      active: [{ path: hostile, attempts: 2, sinceMs: 1000, worker: "host-1", done: 3, total: 8 }],
      failed: [{ path: "x.mp4", why: "<b>gone</b>" }],
    },
    new Date(6000),
  );
  expect(page).toContain("3 of 8 frames");
  expect(page).toContain("host-1, for 5 s, attempt 2");
  expect(page).toContain("13 files left");
  expect(page).toContain("Workers: 2");
  expect(page).toContain("&lt;b&gt;gone&lt;/b&gt;");
  expect(page).not.toContain("<img src=x");
});

describe.skipIf(browserMissing)("the summary in Chromium", () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "telltale-audit-page-"));
    await mkdir(join(folder, "reports/ab"), { recursive: true });
    await writeFile(join(folder, "reports/ab/one.jpg"), await readFile(fixture("still.jpg")));
    await writeFile(join(folder, "reports/ab/one.html"), "<title>the report</title>");
    await writeFile(join(folder, "summary.html"), html);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  async function open(options: { colorScheme?: "light" | "dark"; width?: number } = {}) {
    const { colorScheme = "light", width = 1100 } = options;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^file:/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, "summary.html")).href);
    return { page, complaints };
  }
  const visible = async (page: Page) => page.locator("[data-file]:visible").count();

  test("runs no script but its own, shows the pictures beside it and opens a report", async () => {
    const { page, complaints } = await open();
    expect(await page.title()).toBe(`Telltale audit: /media/${hostile}`);
    const widths = await page
      .locator("img")
      .evaluateAll((all) => all.map((one) => (one as unknown as { naturalWidth: number }).naturalWidth));
    expect(widths).toEqual([300, 300]);
    expect(complaints).toEqual([]);
    await page.getByRole("link", { name: "worst.jpg" }).click();
    expect(await page.title()).toBe("the report");
    await page.close();
  });

  test("filters by outcome, kind and name, and says how many are left", async () => {
    const { page } = await open();
    const status = page.getByRole("status");
    expect(await status.textContent()).toBe("5 of 5 shown");
    await page.getByRole("checkbox", { name: "Signs of forgery" }).uncheck();
    expect([await visible(page), await status.textContent()]).toEqual([3, "3 of 5 shown"]);
    expect(await page.getByRole("heading", { name: "Signs of forgery" }).isVisible()).toBe(false);
    await page.getByRole("checkbox", { name: "Signs of forgery" }).check();
    await page.getByLabel("Kind").selectOption("video");
    expect(await visible(page)).toBe(1);
    await page.getByLabel("Kind").selectOption("");
    for (const [says, files] of [
      ["captured", 1],
      ["invalid", 1],
      ["generated", 0],
      ["none", 4],
      ["", 5],
    ] as const) {
      await page.getByLabel("Says of itself").selectOption(says);
      expect([says, await visible(page)]).toEqual([says, files]);
    }
    await page.getByLabel("Name").fill("GOOD");
    expect(await visible(page)).toBe(1);
    await page.getByLabel("Name").fill("nowhere");
    expect([await visible(page), await page.getByText("No file matches").isVisible()]).toEqual([0, true]);
    await page.close();
  });

  test("a phone need not scroll sideways", async () => {
    const { page } = await open({ width: 360 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await page.close();
  });

  test.each(["light", "dark"] as const)("axe finds nothing wrong, %s", async (colorScheme) => {
    const { page } = await open({ colorScheme });
    expect(await axeViolations(page)).toEqual([]);
    await page.close();
  });
});
