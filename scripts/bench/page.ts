// What the first load of the upload page takes: bytes, requests, time to first paint and to the first content, in Chromium.
//   npx tsx scripts/bench/page.ts [--rounds 7]
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { startServer } from "../start-server.ts";

const root = join(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { rounds: { type: "string", default: "7" } } });
const { server, url } = await startServer(join(root, "dist/cli/main.js"));
const executablePath = process.env.TELLTALE_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const paints: Record<string, number>[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    // A context of its own has an empty cache.
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    const requests = new Map<string, { path: string; bytes: number }>();
    session.on("Network.requestWillBeSent", ({ requestId, request }) => {
      requests.set(requestId, { path: request.url.replace(url, "/"), bytes: 0 });
    });
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      const request = requests.get(requestId);
      if (request) request.bytes = encodedDataLength;
    });
    await page.goto(url, { waitUntil: "networkidle" });
    paints.push(
      (await page.evaluate(
        "Object.fromEntries(performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]))",
      )) as Record<string, number>,
    );
    if (round === 1) {
      const loaded = [...requests.values()];
      for (const { path, bytes } of loaded) console.log(`${String(bytes).padStart(8)} bytes  ${path}`);
      const all = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
      console.log(`${String(all).padStart(8)} bytes in ${loaded.length} requests, heads included`);
    }
    await context.close();
  }
  for (const name of ["first-paint", "first-contentful-paint"]) {
    const sorted = paints.map((one) => one[name] ?? Number.NaN).sort((a, b) => a - b);
    const show = (ms: number | undefined) => ms?.toFixed(0) ?? "?";
    const median = sorted[Math.floor(sorted.length / 2)];
    console.log(
      `${name}: ${show(median)} ms (${show(sorted[0])} to ${show(sorted.at(-1))}), ${sorted.length} loads`,
    );
  }
} finally {
  await browser.close();
  server.kill("SIGTERM");
}
