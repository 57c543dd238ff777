// npm run card: writes models/face/README.md from its manifest, its evaluations and its training log, so that no figure
// in it can drift from what was measured.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultModelDir } from "../src/networks/index.ts";
import { formatCard } from "./card/card.ts";

await writeFile(join(defaultModelDir, "README.md"), await formatCard(defaultModelDir));
