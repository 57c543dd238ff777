import type { FaceCrop } from "../../src/augmentation/index.ts";
import { useBackend } from "../../src/engine/index.ts";
import { cropFace, cropSquare, FaceFinder } from "../../src/faces/index.ts";
import { readPortrait } from "../faces/portrait.ts";

/** The portrait's face as training cuts it, with the mesh that the finder fits. */
export async function cutPortrait(size: number): Promise<FaceCrop> {
  await useBackend("wasm");
  const finder = await FaceFinder.load();
  const picture = await readPortrait();
  const { box, mesh } = finder.find(picture)[0]!;
  const { centreX, centreY, side } = cropSquare(box, 1.3);
  const left = centreX - side / 2;
  const top = centreY - side / 2;
  return {
    size,
    data: cropFace(picture, box, { sizePx: size, margin: 1.3 }),
    mesh: mesh.map((value, i) => ((value - (i % 2 === 0 ? left : top)) * size) / side),
  };
}
