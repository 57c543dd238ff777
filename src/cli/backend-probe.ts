// Run by doctor as a process of its own, since a native library that does not fit the machine ends its process.
import { type BackendName, useBackend } from "../engine/index.ts";

try {
  const { detail } = await useBackend(process.argv[2] as BackendName);
  process.stdout.write(JSON.stringify({ loads: true, detail }));
} catch (error) {
  // The sentence's own advice is to run doctor.
  const detail = (error as Error).message
    .replace(/^.* to load, but /, "")
    .replace(/\. Run `telltale doctor`.*$/, "");
  process.stdout.write(JSON.stringify({ loads: false, detail }));
}
process.exit();
