export { degrade, isDegraded } from "./degrade.ts";
export { convexHull } from "./face-mask.ts";
export { gaussianBlur } from "./gaussian-blur.ts";
export { applyLowResolution, drawLowResolution, type LowResolution, upscale } from "./low-resolution.ts";
export { matchColours } from "./match-colours.ts";
export { eraseRandomly } from "./random-erasing.ts";
export { type Blend, type FaceCrop, selfBlend } from "./self-blend.ts";
export { poseDistance, swapBlend, swapWholeFace } from "./swap-blend.ts";
export { warpFace } from "./warp-face.ts";
