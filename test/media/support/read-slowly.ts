// A program of its own that reads frames slowly and prints its decoder's process id: see lifetime.test.ts.
import { frames, liveChildren, probe } from "../../../src/media/index.ts";

for await (const frame of frames(await probe(process.argv[2] ?? ""), { fps: 25 })) {
  if (frame.index === 0) console.log(liveChildren().join(" "));
  await new Promise((resolve) => setTimeout(resolve, 200));
}
