// Looks at frames as they are scored, and leaves at the first face that looks forged: node examples/watch-frames.js FILE
import { openDetector } from "telltale";

const detector = await openDetector({ fps: 2, backend: "wasm" });
const { forgedBelow } = detector.manifest.thresholds;
try {
  for await (const { frame, done, total } of detector.frames(process.argv[2])) {
    const scores = frame.faces.flatMap((face) => face.authenticity ?? []);
    console.log(`${done} of ${total}: ${scores.map((score) => score.toFixed(2)).join(" ") || "no face"}`);
    // Leaving the loop stops the decoder.
    if (scores.some((score) => score < forgedBelow)) break;
  }
} finally {
  await detector.close();
}
