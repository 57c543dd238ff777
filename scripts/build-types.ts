// Run by `npm run build` after tsc: writes one declaration file for the library, without the types of its dependencies.
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

const dist = resolve(import.meta.dirname, "../dist");
const entry = join(dist, "index.d.ts");

const bundle = await rollup({
  input: entry,
  plugins: [dts()],
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  onwarn: ({ message }) => {
    throw new Error(`The declarations of the library cannot be bundled: ${message}`);
  },
});
await bundle.write({ file: entry });
await bundle.close();
for (const file of await readdir(dist, { recursive: true })) {
  if (file.endsWith(".d.ts") && file !== "index.d.ts") await rm(join(dist, file));
}
