import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { redisMissing } from "./audit/redis.ts";
import { browserMissing } from "./report/html/browser.ts";

/** Tests that need one of these skip without it, on a developer's machine but not in continuous integration. */
const tools: Record<string, () => boolean> = {
  Chromium: () => !browserMissing,
  "redis-server": () => !redisMissing,
  openssl: () => spawnSync("openssl", ["version"]).status === 0,
  ffmpeg: () => spawnSync("ffmpeg", ["-version"]).status === 0,
};

test.runIf(process.env.CI).each(Object.keys(tools))(
  "%s is installed, so that no test is skipped for it",
  (name) => {
    expect(tools[name]!()).toBe(true);
  },
);
