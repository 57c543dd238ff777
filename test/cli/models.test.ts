import { expect, test } from "vitest";
import { modelManifestSchema } from "../../src/networks/manifest.ts";
import { runCli } from "./run-cli.ts";

test("telltale models lists the model that ships", async () => {
  const { code, stdout } = await runCli(["models", "--json"]);
  expect(code).toBe(0);
  const models = JSON.parse(stdout) as { folder: string }[];
  expect(models.map(({ folder }) => folder.split("/").at(-1))).toContain("face");
  for (const { folder: _, ...manifest } of models)
    expect(modelManifestSchema.safeParse(manifest).success).toBe(true);

  const { stdout: text } = await runCli(["models"]);
  for (const label of ["folder", "sha256", "network", "pictures", "videos", "trained on", "limits"]) {
    expect(text).toMatch(new RegExp(`^  ${label} {2,}\\S`, "m"));
  }
});
