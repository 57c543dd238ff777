import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatEvaluationHtml } from "../../../src/report/evaluation/page.ts";
import { evaluationTables } from "../../../src/report/evaluation/tables.ts";
import { sampleDocument } from "../../evaluation/sample-document.ts";
import { axeViolations, browserMissing, openBrowser } from "../html/browser.ts";

const hostile = `<script>document.title="owned"</script>`;
const sample = sampleDocument();
const document = {
  ...sample,
  comparisons: [{ ...sample.comparisons[0]!, name: hostile }, ...sample.comparisons.slice(1)],
};
const html = formatEvaluationHtml(document);

describe("the evaluation as a page", () => {
  test("needs nothing from elsewhere, and runs no script", () => {
    expect(html).not.toMatch(/\b(src|href)=|@import|url\(|<script/);
    expect(html).toContain("default-src &#39;none&#39;");
    expect(html).toContain("&lt;script&gt;document.title=");
  });

  test("has every table, an ROC and a reliability diagram for each source, and what it takes to check it", () => {
    for (const { title } of evaluationTables(document)) expect(html).toContain(`>${title}</h2>`);
    expect(html.match(/aria-label="ROC of /g)).toHaveLength(document.comparisons.length);
    expect(html.match(/aria-label="Reliability of /g)).toHaveLength(document.comparisons.length);
    expect(html).toContain(document.model.sha256);
    expect(html).toContain(document.command);
    expect(html).toContain("no headline: metadata alone tells them apart");
  });

  test("of an index without fakes has verdicts and no curves", () => {
    const bare = formatEvaluationHtml({ ...document, comparisons: [], robustness: null });
    expect(bare).toContain(">Verdicts</h2>");
    expect(bare).not.toContain("<svg");
  });

  test("draws no number that is none", () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe.skipIf(browserMissing)("the page in Chromium", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "telltale-evaluation-page-"));
    await writeFile(join(folder, "evaluation.html"), html);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  async function open(
    colorScheme: "light" | "dark",
    width = 1100,
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, "evaluation.html")).href);
    return { page, complaints };
  }

  test.each(["light", "dark"] as const)(
    "axe finds nothing wrong, %s, and nothing is loaded",
    async (scheme) => {
      const { page, complaints } = await open(scheme);
      expect(await axeViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test("a phone need not scroll the page sideways", async () => {
    const { page } = await open("light", 360);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await page.close();
  });
});
