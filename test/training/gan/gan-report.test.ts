import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeGanReport } from "../../../src/training/gan/gan-report.ts";
import { axeViolations, browserMissing, openBrowser } from "../../report/html/browser.ts";

const options = { arch: "style", discriminator: "own", resolution: 64, batch: 128, seed: 1 };

const step = (number: number) => ({
  ...{ kind: "step", step: number, kimg: (number * 128) / 1000 },
  ...{ dLoss: 1 + 1 / number, gLoss: 1.2, realLogit: 0.6, fakeLogit: -0.5, r1: 0.04 },
  ...{ dGradientNorm: 2.4, gGradientNorm: 5, imagesPerSec: 80, gflopPerSec: 118, waitedShare: 0.002 },
  ...{ secLeft: ((7813 - number) * 128) / 80, wallSec: 4508, energyWh: 81.4, energyFrom: "estimate" },
});

const measured = {
  ...{ kind: "measured", step: 3907, kimg: 500.096, n: 2000 },
  ...{ "fd-face": 100.754, "kid-face": 0.064, "kid-face-se": 0.00123, "kid-face-subset": 500 },
  ...{ precision: 0.6785, recall: 0.0975, "is-face": 1.9988, spread: 0.8459 },
  ...{ realTrain: 0.7618, realHeldOut: null, fake: -0.2797, overfitting: null },
};

const warning = (number: number, sentence: string) => ({ kind: "warning", step: number, sentence });

const rows = [
  step(3500),
  measured,
  warning(3907, "The samples <collapse>."),
  warning(3907, "It learns by heart."),
  { kind: "retuned", step: 3907, changes: { r1: [0.1, 0.05] } },
  step(3920),
  step(5480),
];

/** A run's folder with two sheets, and the page that is made of it. */
async function writeRun(folder: string, recorded: object, lines: readonly object[]): Promise<string> {
  await writeFile(join(folder, "options.json"), `${JSON.stringify(recorded, null, 2)}\n`);
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  // A killed run leaves half a line.
  await writeFile(join(folder, "stats.jsonl"), `${text}{"kind":"step","st`);
  for (const file of ["reals", "samples-000447", "samples-000700"]) {
    const grid = sharp({ create: { width: 512, height: 512, channels: 3, background: "#876" } });
    await grid.png().toFile(join(folder, `${file}.png`));
  }
  await writeGanReport(folder);
  return readFile(join(folder, "report.html"), "utf8");
}

let folder: string;
let html: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-run-page-"));
  html = await writeRun(folder, { ...options, kimg: 1000, from: { kimg: 446.624 }, watts: 65 }, rows);
});
afterAll(() => rm(folder, { recursive: true }));

describe("a GAN run's page", () => {
  test("says what the run is, how far it has come and how it began", () => {
    expect(html).toContain("<h1>style, 64 px: 701 of 1,000 kimg</h1>");
    expect(html).toContain(
      "The run was not finished when this page was written; about 62 min are left at its last speed. It started from the networks of another run at 447 kimg.",
    );
  });

  test("lists warnings first, the newest on top, as text", () => {
    const places = ["Warnings", "It learns by heart.", "The samples &#60;collapse&#62;.", "<h2>Samples"];
    const found = places.map((place) => html.indexOf(place));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found[0]).toBeGreaterThan(0);
    expect(html).toContain("<li>At 500 kimg: It learns by heart.</li>");
  });

  test("keeps all but the newest three warnings folded", async () => {
    const long = await mkdtemp(join(tmpdir(), "telltale-run-page-"));
    const warnings = [1, 2, 3, 4, 5].map((number) => warning(1000 * number, `Warning ${number}.`));
    const page = await writeRun(long, { ...options, kimg: 1000 }, warnings);
    await rm(long, { recursive: true });
    const folded = page.indexOf("<details><summary>2 earlier</summary>");
    const isFolded = [5, 4, 3, 2, 1].map((number) => page.indexOf(`Warning ${number}.`) > folded);
    expect(isFolded).toEqual([false, false, false, true, true]);
    expect(folded).toBeGreaterThan(0);
  });

  test("names measurements as a person reads them", () => {
    const heads = [...html.matchAll(/<th scope="col">([^<]*)</g)].map(([, head]) => head);
    expect(heads).toEqual([
      ...["kimg", "images of each kind", "fd-face, Fréchet distance", "kid-face, kernel distance"],
      ...["kid-face, standard error", "kid-face, in subsets of", "precision", "recall"],
      ...["is-face, Inception Score", "spread, 1 = as the reals", "logit of training reals"],
      ...["logit of held-out reals", "logit of fakes", "overfitting, 0 to 1"],
    ]);
    expect(html).toContain('<th scope="row">500</th><td>2,000</td><td>100.8</td><td>0.064</td>');
    expect(html).toContain("<td>0.7618</td><td>none</td><td>-0.2797</td><td>none</td>");
  });

  test("says what it cost, with units and the watts of an estimate", () => {
    for (const text of [
      "<dt>Wall time</dt><dd>75 min</dd>",
      "<dt>Energy</dt><dd>81.4 Wh, estimated: 65 W for the wall time</dd>",
      "<dt>Speed, last logged</dt><dd>80 images/s, 118 GFLOP/s</dd>",
      "<dt>Waited for images</dt><dd>0.2% of that time</dd>",
      "<dt>At 500 kimg</dt><dd>r1 0.05 (was 0.1)</dd>",
    ])
      expect(html).toContain(text);
  });

  test("draws every number that was logged, what was measured once as a dot", async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith(".svg")).sort();
    expect(files).toEqual([
      ...["coverage.svg", "distance.svg", "gradients.svg", "kernel.svg", "logits.svg", "losses.svg"],
      ...["overfitting.svg", "score.svg", "speed.svg"],
    ]);
    for (const file of files) expect(html).toContain(`src="${file}"`);
    const kernel = await readFile(join(folder, "kernel.svg"), "utf8");
    expect(kernel.match(/<circle /g)).toHaveLength(1);
    expect(html).toContain('alt="Kernel distance: kid-face 0.064 at 500.1 kimg"');
  });

  test("shows each sheet in its size, at once, since paper does not scroll", () => {
    expect(html).toContain(
      '<img src="samples-000447.png" width="512" height="512" alt="Samples at 447 kimg">',
    );
    expect(html.match(/<img [^>]*width="\d+" height="\d+"/g)).toHaveLength(12);
    expect(html).not.toContain("lazy");
  });

  test("leaves out what is not there yet", async () => {
    const early = await mkdtemp(join(tmpdir(), "telltale-run-page-"));
    await writeFile(join(early, "options.json"), JSON.stringify({ ...options, kimg: 0.5 }));
    await writeFile(join(early, "reals.png"), "no picture");
    await writeGanReport(early);
    const page = await readFile(join(early, "report.html"), "utf8");
    await rm(early, { recursive: true });
    expect(page).toContain("<h1>style, 64 px: 0 of 0.5 kimg</h1>");
    expect(page).toContain("<p>Nothing yet.</p>");
    expect(page).not.toMatch(/<img|<h2>(Cost|Curves|Warnings|Samples)|NaN|undefined/);
  });
});

describe("a GAN run's end", () => {
  const endOf = async (recorded: object, lines: readonly object[]) => {
    const ended = await mkdtemp(join(tmpdir(), "telltale-run-page-"));
    const page = await writeRun(ended, recorded, lines);
    await rm(ended, { recursive: true });
    return [/<h1>(.*)<\/h1>/.exec(page)![1], /The run [^.;]*[.;]/.exec(page)![0]];
  };
  const [last, end] = [step(7813), { kind: "ended", step: 7813, kimg: 1000.064 }];

  test("is the one that it has logged", async () => {
    expect(await endOf({ ...options, discriminator: "trunk", kimg: 1000 }, [last, end])).toEqual([
      "style, projected discriminator, 64 px: 1,000 of 1,000 kimg",
      "The run is finished.",
    ]);
    expect(await endOf({ ...options, kimg: 1000 }, [last])).toEqual([
      "style, 64 px: 1,000 of 1,000 kimg",
      "The run was not finished when this page was written;",
    ]);
  });

  test("is none where the run was given more to do", async () => {
    expect(await endOf({ ...options, kimg: 2000 }, [last, end])).toEqual([
      "style, 64 px: 1,000 of 2,000 kimg",
      "The run was not finished when this page was written;",
    ]);
  });

  test("is found in the time that is left where an earlier version did not log it", async () => {
    expect(await endOf(options, [step(5480)])).toEqual([
      "style, 64 px: 701 of 1,000 kimg",
      "The run was not finished when this page was written;",
    ]);
    expect(await endOf(options, [last])).toEqual([
      "style, 64 px: 1,000 of 1,000 kimg",
      "The run is finished.",
    ]);
  });
});

describe.skipIf(browserMissing)("a GAN run's page in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    ["light", 1200],
    ["light", 390],
    ["dark", 1200],
    ["dark", 390],
  ] as const)(
    "axe finds nothing wrong, %s, %d pixels wide, nor does it scroll sideways",
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(pathToFileURL(join(folder, "report.html")).href);
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate("[...document.images].filter((one) => one.naturalWidth === 0).length")).toBe(
        0,
      );
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test("a chart is as dark as the page, alone as well", async () => {
    const page = await browser.newPage({ colorScheme: "dark", viewport: { width: 600, height: 500 } });
    const corner = async (screenshot: Buffer) => [
      ...(await sharp(screenshot).raw().toBuffer()).subarray(0, 3),
    ];
    // Less than a pixel of the edge may be the page's.
    const dark = Array.from({ length: 3 }, () => expect.closeTo(0x14, -1));
    await page.goto(pathToFileURL(join(folder, "losses.svg")).href);
    expect(await corner(await page.screenshot())).toEqual(dark);
    await page.goto(pathToFileURL(join(folder, "report.html")).href);
    expect(await corner(await page.locator('img[src="losses.svg"]').screenshot())).toEqual(dark);
    await page.close();
  });
});
