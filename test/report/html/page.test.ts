import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDetector } from "../../../src/detection/detect.ts";
import { makeReportPictures } from "../../../src/detection/report-pictures.ts";
import { formatHtml } from "../../../src/report/html/page.ts";
import { reportFailure, reportFile } from "../../../src/report/json.ts";
import { verdictSentence } from "../../../src/report/sentences.ts";
import type { Detection } from "../../../src/types/detection.ts";
import type { ReportPictures } from "../../../src/types/pictures.ts";
import { fixture } from "../../cli/run-cli.ts";
import { axeViolations, browserMissing, openBrowser } from "./browser.ts";

const making = { madeAt: new Date("2026-03-01T13:05:00Z"), timeZone: "Europe/Berlin" };
const hostile =
  `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>'.mp4`.replaceAll(
    "/",
    "∕",
  );
const stability: NonNullable<Detection["stability"]> = {
  asIs: { verdict: "forged", reason: null, authenticity: 0.1 },
  trials: [
    { name: "jpeg-40", verdict: "authentic", reason: null, authenticity: 0.9, flips: true, error: null },
    { name: "half-size", verdict: null, reason: null, authenticity: null, flips: false, error: "It failed." },
  ],
};

let folder: string;
let detection: Detection;
let pictures: ReportPictures;
let html: string;

/** The detection with every face's map at one probability. */
const withHeat = (fake: number): Detection => ({
  ...detection,
  evidence: detection.evidence!.map((frame) => ({
    ...frame,
    faces: frame.faces.map(
      (face) => face && { ...face, heat: { ...face.heat!, fake: Array.from(face.heat!.fake, () => fake) } },
    ),
  })),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-html-"));
  const path = join(folder, hostile);
  await copyFile(fixture("two-people.mp4"), path);
  const detector = await openDetector({ backend: "wasm", frames: 4, workers: 1 });
  try {
    detection = await detector.detect(path, { hasEvidence: true });
  } finally {
    await detector.close();
  }
  pictures = await makeReportPictures(withHeat(0.9));
  const model = { ...detection.model, misses: ["Faces <b>in profile</b>."] };
  const warnings = [`${path} is cut short.`];
  const shown = {
    ...detection,
    model,
    warnings,
    stability,
    verdict: "inconclusive",
    reason: "unstable",
  } as const;
  html = formatHtml([{ report: reportFile(shown), pictures }], making);
});
afterAll(() => rm(folder, { recursive: true }));

describe("the HTML report", () => {
  test("shows two faces with their least and most authentic frame, each with a heat map", () => {
    expect(pictures.frames.map((frame) => frame.index)).toEqual([0, 1, 2, 3]);
    expect(pictures.faces.map((face) => face.track).sort()).toEqual([1, 2]);
    for (const { least, most } of pictures.faces) {
      expect(most!.authenticity).toBeGreaterThanOrEqual(least.authenticity);
      for (const face of [least, most!]) {
        expect([...face.crop.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
        expect([...face.heatmap!.subarray(1, 4)]).toEqual([..."PNG"].map((c) => c.charCodeAt(0)));
      }
    }
    expect(html.match(/<figure>/g)).toHaveLength(4);
    expect(html.match(/data:image\/png;base64,/g)).toHaveLength(4);
  });

  test("has no heat maps and does not speak of them where nothing is hot", async () => {
    const cold = await makeReportPictures(withHeat(0.4));
    expect(cold.frames.flatMap(({ heats }) => heats)).toEqual([]);
    const page = formatHtml([{ report: reportFile(detection), exhibits: cold }], making);
    expect(page.match(/<figure>/g)).toHaveLength(4);
    expect(page).not.toMatch(/data:image\/png|class="swatch/);
  });

  test("needs nothing from elsewhere", () => {
    expect(html).not.toMatch(/\b(src|href)="(?!data:|#)/);
    expect(html).not.toMatch(/@import|url\(/);
    expect(html).toContain("default-src &#39;none&#39;");
  });

  test("holds what somebody else needs to check it", () => {
    for (const text of [
      detection.file.sha256,
      detection.model.sha256,
      "Analyzed 4 frames: 4 with a face, 4 scored, 0 failed.",
      "<dt>frames</dt><dd>4</dd>",
      "<dt>ffmpeg</dt>",
      "<dd>TensorFlow.js 4.",
      "2026-03-01 14:05:00 GMT+1 (Europe/Berlin)",
      "Faces &lt;b&gt;in profile&lt;/b&gt;.",
      verdictSentence(reportFile({ ...detection, verdict: "inconclusive", reason: "unstable" })),
    ]) {
      expect(html).toContain(text);
    }
  });

  test("a file's name stays a text", () => {
    expect(html).not.toContain("<img src=x");
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).toContain("&lt;img src=x onerror=&quot;");
  });

  test("of several files has a table of them, and a file that failed says why", () => {
    const failure = reportFailure("gone.mp4", { code: "FILE_MISSING", message: "Expected a file." });
    const page = formatHtml(
      [
        { report: reportFile(detection), pictures },
        { report: failure, pictures: null },
      ],
      making,
    );
    expect(page).toContain("Telltale report on 2 files");
    expect(page).toContain(`<a href="#file-2"><bdi>gone.mp4</bdi></a>`);
    expect(page).toContain("Expected a file.");
    expect(page).not.toContain("FILE_MISSING");
  });
});

describe.skipIf(browserMissing)("the HTML report in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    await writeFile(join(folder, "report.html"), html);
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  async function open(options: { colorScheme?: "light" | "dark"; width?: number } = {}): Promise<{
    page: Page;
    complaints: string[];
  }> {
    const { colorScheme = "light", width = 1100 } = options;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, "report.html")).href);
    return { page, complaints };
  }

  test("runs no script but its own, and loads nothing", async () => {
    const { page, complaints } = await open();
    expect(await page.title()).toBe(`Telltale report: ${join(folder, hostile)}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("the slider moves the frame, by keyboard, and says it to a screen reader", async () => {
    const { page } = await open();
    const slider = page.getByRole("slider", { name: "Frame" });
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 1 of 4 at 0:00\.\d: face 1 /);
    await page.keyboard.press("ArrowRight");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^Frame 2 of 4 at /);
    expect(await page.locator("[data-stage] img").getAttribute("alt")).toMatch(/^Frame 2 of 4/);
    expect(await page.locator("[aria-current]").getAttribute("data-text")).toMatch(/^Frame 2 of 4/);
    await page.close();
  });

  test("the pointer on a timeline shows the frame below it", async () => {
    const { page } = await open();
    const area = (await page.locator("[data-chart]").first().boundingBox())!;
    await page.mouse.move(area.x + area.width * 0.9, area.y + 5);
    expect(await page.locator("[data-caption]").textContent()).toMatch(/^Frame 4 of 4/);
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

  test("prints without the slider and with all frames in numbers", async () => {
    const { page } = await open();
    await page.emulateMedia({ media: "print" });
    await page.evaluate("void dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("[data-scrubber]").isVisible()).toBe(false);
    expect(await page.locator("table.numbers").isVisible()).toBe(true);
    await page.close();
  });
});
