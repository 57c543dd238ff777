import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { errorCodes, meaningOf } from "../src/errors.ts";

const src = resolve(import.meta.dirname, "../src");

test("every code of the table is thrown or answered somewhere", () => {
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && file !== "errors.ts",
  );
  const code = sources.map((file) => readFileSync(join(src, file), "utf8")).join("\n");
  const unused = Object.keys(errorCodes).filter((name) => !code.includes(`"${name}"`));
  expect(unused).toEqual([]);
});

test("what is retried at once is also tried again by a later run; requests have a status or 422", () => {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    if ("isRetried" in meaning) expect([code, meaningOf(code).isTransient]).toEqual([code, true]);
    if ("status" in meaning) expect(meaning.status).toBeGreaterThanOrEqual(400);
  }
  expect(meaningOf("SOMETHING_ELSE")).toEqual({ concerns: "file" });
});
