// `npm run build` runs this after tsc: the upload page, and a sample to try it with, beside the compiled server.
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
  // The report's colours are the page's.
  const style = palette + (await readFile(join(source, "page.css"), "utf8"));
  await build({
    ...common,
    stdin: { contents: style, loader: "css", sourcefile: "page.css" },
    outfile: join(folder, "page.css"),
  });
  await copyFile(join(source, "icon.svg"), join(folder, "icon.svg"));
  // To try the page with: loaded only when somebody asks for it.
  await copyFile(join(root, "fixtures/media/forged.mp4"), join(folder, "sample.mp4"));
  const html = await readFile(join(source, "index.html"), "utf8");
  await writeFile(join(folder, "index.html"), html.replace(/^\s+/gm, ""));
}

if (process.argv[1] === import.meta.filename) await buildPage();
