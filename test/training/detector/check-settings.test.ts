import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSettings } from "../../../src/training/detector/check-settings.ts";
import {
  resolveDetectorOptions,
  type TrainDetectorOptions,
  trainDetectorOptionsSchema,
} from "../../../src/training/detector/detector-options.ts";
import { describeInitialModel } from "../../../src/training/detector/initial-model.ts";

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-settings-"));
  data = join(folder, "index.csv");
  const rows = ["a.jpg,studio,real,none,1", "b.jpg,studio,fake,swap,1", "c.jpg,street,fake,gan,2"];
  await writeFile(data, ["file,source,label,generator,group", ...rows, ""].join("\n"));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(change: Partial<TrainDetectorOptions>): Promise<void> {
  const options = trainDetectorOptionsSchema.parse({ data, out: join(folder, "run"), ...change });
  const start = await describeInitialModel(options.from);
  await checkSettings(resolveDetectorOptions(options, start.crop), start);
}

describe("checkSettings", () => {
  test.each([
    {},
    { exclude: "swap, street", validateOn: "gan" },
    { freezeBackbone: true },
    { from: "models/face" },
    { from: "models/style-64", size: 64 },
  ])("passes %j", async (change) => {
    await expect(check(change)).resolves.toBeUndefined();
  });

  test.each([
    [
      { exclude: "swap,swop" },
      "Expected --exclude to name sources or generators of the data, but it has none called swop. It has gan, street, studio, swap.",
    ],
    [
      { validateOn: "none" },
      "Expected --validate-on to name sources or generators of the data, but it has none called none. It has gan, street, studio, swap.",
    ],
    [
      { from: "models/style-64", size: 96 },
      "Expected --size 64, the only size that the discriminator of models/style-64 supports, but received 96.",
    ],
  ])("refuses %j", async (change, message) => {
    await expect(check(change)).rejects.toMatchObject({ code: "USAGE", message });
  });
});
