// Judges several files with one model in memory, and stops at Ctrl-C: node examples/judge-clips.js FILE...
import { openDetector, TelltaleError } from "telltale";

const controller = new AbortController();
process.once("SIGINT", () => controller.abort());

const detector = await openDetector({ frames: 8, backend: "wasm" });
try {
  for (const path of process.argv.slice(2)) {
    try {
      const { verdict, reason, authenticity } = await detector.detect(path, { signal: controller.signal });
      console.log(path, verdict, reason ?? authenticity?.toFixed(2));
    } catch (error) {
      // A file that cannot be looked at has a code that does not change; everything else is a fault.
      if (!(error instanceof TelltaleError)) throw error;
      console.log(path, error.code);
    }
  }
} finally {
  await detector.close();
}
