// Run by `npm run build` after tsc: bundles the upload page and its sample file next to the compiled server.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { palette } from "../src/report/html/palette.ts";

const root = resolve(import.meta.dirname, "..");
const source = join(root, "src/web/page");

/** Bundles the upload page into a folder. */
export async function buildPage(folder = join(root, "dist/web/page")): Promise<void> {
  await mkdir(folder, { recursive: true });
  const common = { bundle: true, minify: true, target: "es2022", logLevel: "warning" } as const;
  await build({
    ...common,
    entryPoints: [join(source, "main.ts")],
    format: "esm",
    outfile: join(folder, "page.js"),
  });
  // The page uses the colours of the report.
  const style = palette + (await readFile(join(source, "page.css"), "utf8"));
  await build({
    ...common,
    stdin: { contents: style, loader: "css", sourcefile: "page.css" },
    outfile: join(folder, "page.css"),
  });
  await copyFile(join(source, "icon.svg"), join(folder, "icon.svg"));
  // Sample file of the page, loaded on demand.
  await copyFile(join(root, "fixtures/media/forged.mp4"), join(folder, "sample.mp4"));
  const html = await readFile(join(source, "index.html"), "utf8");
  await writeFile(join(folder, "index.html"), html.replace(/^\s+/gm, ""));
}

if (process.argv[1] === import.meta.filename) await buildPage();
