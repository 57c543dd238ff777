export { type CropSpec, cropFace, cropSquare } from "./crop.ts";
export { FaceFinder, FINDER_VERSION } from "./face-finder.ts";
export { MESH_POINTS } from "./face-mesh.ts";
export { type Picture, type SquarePx, sampleSquare } from "./sampling.ts";
export type { BoxPx, DetectedFace, FaceObservation, FrameObservation } from "./types.ts";
