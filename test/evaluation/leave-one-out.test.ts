import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leaveOneOut } from "../../src/evaluation/leave-one-out.ts";
import { addGroups, makePortraitData } from "../training/portrait-data.ts";
import { groupsOn } from "../training/stored-faces.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-leave-one-out-"));
let data: string;

beforeAll(async () => {
  data = await makePortraitData(join(temporary, "data"));
  // A second generator, and groups of the test split to measure on.
  const groups = [...groupsOn("train", 8).slice(6), ...groupsOn("test", 2)];
  await addGroups(
    data,
    groups.map((group, i) => ({ group, generator: i % 2 === 0 ? "other" : "patch" })),
  );
});
afterAll(() => rmSync(temporary, { recursive: true }));

test("each generator is measured by a run that saw it and by one that did not, and runs are not trained twice", {
  timeout: 600_000,
}, async () => {
  const steps = 2;
  const call = {
    ...{ data, steps, seed: 1, backend: "wasm" as const },
    folder: join(temporary, "runs"),
    cache: join(temporary, "cache"),
    training: { draws: 64, batch: 4, size: 64, threads: 1 },
  };
  const runs: string[] = [];
  const onEvent = (run: string, { kind }: { kind: string }) => {
    if (kind === "step") runs.push(run);
  };
  const found = await leaveOneOut({ ...call, onEvent });
  expect(runs).toEqual(["everything", "other", "patch"]);
  expect(found.steps).toBe(steps);
  expect(found.rows.map(({ generator, reals, fakes }) => [generator, reals, fakes])).toEqual([
    ["other", 2, 1],
    ["patch", 2, 1],
  ]);
  for (const { seen, unseen } of found.rows) {
    for (const { value } of [seen, unseen]) expect([0, 0.5, 1]).toContain(value);
  }
  const optionsOf = (run: string) =>
    JSON.parse(readFileSync(join(call.folder, run, "options.json"), "utf8")) as { exclude: string };
  expect(["everything", "other", "patch"].map((run) => optionsOf(run).exclude)).toEqual([
    "",
    "other",
    "patch",
  ]);
  expect(existsSync(join(call.folder, "other", "model/manifest.json"))).toBe(true);

  expect(await leaveOneOut({ ...call, onEvent })).toEqual(found);
  expect(runs).toHaveLength(3);
  await expect(leaveOneOut({ ...call, seed: 2 })).rejects.toMatchObject({ code: "RUN_INVALID" });
});
