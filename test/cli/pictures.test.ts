import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probe } from "../../src/media/index.ts";
import { summaryColumns } from "../../src/report/csv.ts";
import { fixture, runCli } from "./run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-pictures-"));
});
afterAll(() => rm(folder, { recursive: true }));

const few = ["--frames", "3", "--backend", "wasm", "--workers", "1", "--quiet"];

describe("telltale detect", () => {
  test("writes report, heat maps, overlay and summary in one go", async () => {
    const [html, heatmaps, overlay, summary] = ["r.html", "heat/maps", "o.mp4", "s.csv"].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    const outputs = ["--html", html, "--heatmaps", heatmaps, "--overlay", overlay, "--summary", summary];
    const { stdout, stderr } = await runCli(["detect", ...few, ...outputs, fixture("two-people.mp4")]);
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
    expect(await readFile(html, "utf8")).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const names = (await readdir(heatmaps)).map((name) => name.replace(/-[0-9a-f]{8}-/, "-HASH-"));
    expect(names).toEqual(
      [1, 2, 3].flatMap((frame) =>
        [1, 2].map((face) => `two-people.mp4-HASH-frame-000${frame}-face-${face}.png`),
      ),
    );
    const first = await sharp(join(heatmaps, (await readdir(heatmaps))[0]!)).metadata();
    expect(first).toMatchObject({ format: "png", width: 224, height: 224 });
    expect(await probe(overlay)).toMatchObject({ codec: "h264", width: 960, height: 480 });
    const [columns, row] = (await readFile(summary, "utf8")).split("\r\n");
    expect(columns).toBe(summaryColumns.join(","));
    expect(row).toContain("two-people.mp4,");
    expect(row!.split(",")).toHaveLength(summaryColumns.length);
  });

  test("one report holds several files, also those that failed", async () => {
    const html = join(folder, "several.html");
    const files = [fixture("still.jpg"), fixture("text.mp4"), fixture("no-face.mp4")];
    const { code } = await runCli(["detect", ...few, "--html", html, ...files]);
    expect(code).toBe(1);
    const page = await readFile(html, "utf8");
    expect(page.match(/<article /g)).toHaveLength(3);
    expect(page).toContain("This file could not be analyzed.");
    expect(page).toContain("No face was found in this video.");
  });

  test("an overlay takes one file", async () => {
    const args = ["detect", "--overlay", join(folder, "no.mp4"), "a.mp4", "b.mp4"];
    expect(await runCli(args)).toEqual({
      code: 2,
      stdout: "",
      stderr: "telltale: Expected one FILE for --overlay but received 2.\n",
    });
  });

  test("--stability shows the verdicts on degraded copies", async () => {
    const args = ["detect", "--frames", "3", "--backend", "wasm", "--stability", fixture("still.jpg")];
    const { stdout } = await runCli(args);
    expect(stdout.replace(/\s+/g, " ")).toMatch(/ stability As it is: .* \d\.\d\d; as JPEG 40: /);
  });
});
