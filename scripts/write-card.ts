// npm run card: writes models/face/README.md from the manifest, the evaluations and the training log.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultModelDir } from "../src/networks/index.ts";
import { formatCard } from "./card/card.ts";

await writeFile(join(defaultModelDir, "README.md"), await formatCard(defaultModelDir));
