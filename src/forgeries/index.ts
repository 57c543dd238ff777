export { degrade } from "./degrade.ts";
export { type FaceCrop, selfBlend } from "./self-blend.ts";
