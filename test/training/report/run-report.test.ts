import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStats, writeRunReport } from "../../../src/training/report/run-report.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-run-report-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("readStats", () => {
  const read = async (text: string) => {
    await writeFile(join(folder, "stats.jsonl"), text);
    return readStats<{ step: number; loss?: number }>(folder, ({ step }) => String(step));
  };

  test("a step that was logged again counts as it was logged last", async () => {
    expect(await read('{"step":1,"loss":3}\n{"step":2,"loss":2}\n{"step":1,"loss":4}\n')).toEqual([
      { step: 1, loss: 4 },
      { step: 2, loss: 2 },
    ]);
  });

  test("a line that was cut while it was written is left out, at the end or where the run went on", async () => {
    expect(await read('{"step":1}\n{"step":2,"lo')).toEqual([{ step: 1 }]);
    expect(await read('{"step":1}\n{"st{"step":2}\n{"step":3}\nnull\n7\n')).toEqual([
      { step: 1 },
      { step: 3 },
    ]);
  });

  test("a run that has logged nothing has no lines", async () => {
    expect(await readStats(join(folder, "nowhere"), () => "")).toEqual([]);
  });
});

describe("writeRunReport", () => {
  test("embeds the options as text and nothing from elsewhere", async () => {
    await writeFile(
      join(folder, "options.json"),
      '{ "note": "</pre><script>alert(1)</script>", "data": "/home/ada/a/index.csv,/srv/b" }\n',
    );
    await writeRunReport(folder, { kind: "GAN run", title: "a <b>run</b>", parts: ["<p>part</p>", ""] });
    const html = await readFile(join(folder, "report.html"), "utf8");
    expect(html).toContain("<h1>a &#60;b&#62;run&#60;/b&#62;</h1>");
    expect(html).toContain("<title>a &#60;b&#62;run&#60;/b&#62; - Telltale GAN run</title>");
    expect(html).toContain("<main>\n<p>part</p>\n<section><h2>Options</h2>");
    expect(html).toContain("{\n  &#34;note&#34;: &#34;&#60;/pre&#62;&#60;script&#62;");
    expect(html).toContain("&#34;data&#34;: &#34;index.csv,b&#34;");
    expect(html).not.toMatch(/<script|https?:|@import|url\(/);
  });
});
