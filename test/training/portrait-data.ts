import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { portraitPath } from "../faces/portrait.ts";
import { groupsOn } from "./stored-faces.ts";

/**
 * A tiny data set made of the portrait: 16 images of 8 groups, 6 to train on and 2 to validate on. Each group has its
 * own tint and framing; its fake carries a green patch on the cheek.
 *
 * @returns path of its index.csv
 */
export async function makePortraitData(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const groups = [...groupsOn("train", 6), ...groupsOn("validation", 2)];
  const rows = ["file,source,label,generator,group"];
  for (const [i, group] of groups.entries()) {
    for (const label of ["real", "fake"] as const) {
      const file = `${group}-${label}.png`;
      await writeFile(join(folder, file), await draw(i, label));
      rows.push(`${file},studio,${label},${label === "fake" ? "patch" : "none"},${group}`);
    }
  }
  const index = join(folder, "index.csv");
  await writeFile(index, `${rows.join("\n")}\n`);
  return index;
}

async function draw(i: number, label: "real" | "fake"): Promise<Buffer> {
  const patch = { create: { width: 26, height: 22, channels: 3 as const, background: "#20c040" } };
  const portrait = sharp(portraitPath).composite(
    label === "fake" ? [{ input: patch, left: 188, top: 128 }] : [],
  );
  const marked = sharp(await portrait.png().toBuffer())
    .extract({ left: 105 + 3 * i, top: 8 + 2 * i, width: 220, height: 220 })
    .modulate({ brightness: 0.85 + 0.04 * i, hue: 5 * i });
  return (i % 2 === 0 ? marked : marked.flop()).png().toBuffer();
}
