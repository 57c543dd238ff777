export { degrade } from "./degrade.ts";
export { maskPatches } from "./mask-patches.ts";
export { type FaceCrop, selfBlend } from "./self-blend.ts";
