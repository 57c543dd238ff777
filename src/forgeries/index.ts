export { degrade, isDegraded } from "./degrade.ts";
export { forgePicture } from "./forge-picture.ts";
export { maskPatches } from "./mask-patches.ts";
export { personSwap } from "./person-swap.ts";
export { putBack } from "./put-back.ts";
export { type Blend, type FaceCrop, selfBlend } from "./self-blend.ts";
export { drawLoss, enlarge, type Loss, shrink } from "./shrink.ts";
export { warpFace } from "./warp-face.ts";
