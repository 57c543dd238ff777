import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { defaultModelDir, readTrainedOn, writeTrainedOn } from "../../src/networks/index.ts";

const folder = mkdtempSync(join(tmpdir(), "telltale-trained-on-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hash = (digit: string) => digit.repeat(64);

test("a list knows the files that were written, and no others", async () => {
  await writeTrainedOn(folder, [hash("b"), hash("a"), hash("b")]);
  const isTrainedOn = (await readTrainedOn(folder))!;
  expect([hash("a"), hash("b"), hash("c")].map(isTrainedOn)).toEqual([true, true, false]);
});

test("a folder without a list gives null", async () => {
  expect(await readTrainedOn(join(folder, "none"))).toBeNull();
});

test("a list that was cut short is refused", async () => {
  writeFileSync(join(folder, "trained-on.bin"), Buffer.alloc(12));
  await expect(readTrainedOn(folder)).rejects.toMatchObject({ code: "MODEL_INVALID" });
});

test("the shipped model has a list, and our fixtures are not on it", async () => {
  const isTrainedOn = (await readTrainedOn(defaultModelDir))!;
  expect(isTrainedOn(hash("0"))).toBe(false);
});
