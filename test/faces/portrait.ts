import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import type { BoxPx, Picture } from "../../src/faces/index.ts";

/** The 512 x 512 portrait that all fixtures are made of. */
export const portraitPath = fileURLToPath(new URL("../../fixtures/portrait.png", import.meta.url));

/** Tight box round the portrait's face, as the finder sees it and the eye confirms: hairline to chin, cheek to cheek. */
export const portraitFace: BoxPx = [178, 71, 94, 104];

/** The portrait, or what is made of it, as RGB bytes. */
export async function readPortrait(change: (image: Sharp) => Sharp = (image) => image): Promise<Picture> {
  return readPicture(change(sharp(portraitPath)));
}

export async function readPicture(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
