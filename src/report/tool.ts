import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Name and version of this program, as every report carries them. */
export const tool = { name: "telltale", version: manifest.version } as const;
