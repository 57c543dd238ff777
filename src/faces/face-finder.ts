import { type GraphModel, humanModelPath, readGraphModel } from "../engine/index.ts";
import { DETECTOR_INPUT_PX, type FaceCandidate, findCandidates } from "./blazeface.ts";
import { fitMeshes } from "./face-mesh.ts";
import { type Picture, type SquarePx, shrinkPicture } from "./sampling.ts";
import type { BoxPx, DetectedFace } from "./types.ts";

/** Below this the detector's boxes are mostly not faces. */
const MIN_CANDIDATE_CONFIDENCE = 0.3;
/** Below this the mesh does not sit on a face; real faces are nearly always above 0.9. */
const MIN_MESH_CONFIDENCE = 0.5;
const MAX_OVERLAP = 0.3;
/** Enough for a crowd; keeps a wall of posters from taking minutes. */
const MAX_FACES = 32;
/** BlazeFace wants room round a face: a picture that is all face is looked at from further away. */
const FAR_VIEW_SCALE = 1.6;
/** Wider pictures than this are also looked at in overlapping squares, or faces would be too small to find. */
const MAX_ASPECT = 1.34;

/** Raised whenever the same picture may give other faces: crops that are kept were cut with one version. */
export const FINDER_VERSION = 2;

/** Finds the faces of pictures with the detector and the mesh that the package @vladmandic/human carries (MIT). */
export class FaceFinder {
  readonly #detector: GraphModel;
  readonly #mesh: GraphModel;

  private constructor(detector: GraphModel, mesh: GraphModel) {
    this.#detector = detector;
    this.#mesh = mesh;
  }

  /** Loads both networks onto the current backend. @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID` */
  static async load(): Promise<FaceFinder> {
    const [detector, mesh] = await Promise.all([
      readGraphModel(humanModelPath("blazeface"), { batched: true }),
      readGraphModel(humanModelPath("facemesh")),
    ]);
    return new FaceFinder(detector, mesh);
  }

  /**
   * @param picture RGB uint8 [height, width, 3]
   * @returns faces, most confident first; an empty list when there is none
   */
  find(picture: Picture): DetectedFace[] {
    const near = this.#look(picture, nearViews(picture));
    return near.length > 0 ? near : this.#look(picture, [farView(picture)]);
  }

  #look(picture: Picture, views: readonly SquarePx[]): DetectedFace[] {
    // Squares are shrunk to the detector's input anyway; the common part of it is done once, a little further than
    // the smallest square needs, so that it is then sampled with one tap a pixel instead of four.
    const smallestSide = Math.min(...views.map((view) => view.side));
    const factor = Math.max(1, Math.ceil(smallestSide / DETECTOR_INPUT_PX - 0.2));
    const small = shrinkPicture(picture, factor);
    const smallViews = views.map((view) => scaleSquare(view, 1 / factor));
    const options = {
      minConfidence: MIN_CANDIDATE_CONFIDENCE,
      maxOverlap: MAX_OVERLAP,
      maxFaces: MAX_FACES,
    };
    const candidates = findCandidates(this.#detector, small, smallViews, options).map((candidate) =>
      scaleCandidate(candidate, factor),
    );
    const faces: DetectedFace[] = [];
    fitMeshes(this.#mesh, picture, candidates).forEach((mesh, i) => {
      if (!(mesh.confidence >= MIN_MESH_CONFIDENCE)) return;
      const box = boundingBox(mesh.points);
      // Two candidates may slide onto one face once their meshes are fitted.
      if (faces.some((face) => coverage(face.box, box) > 0.5)) return;
      faces.push({ box, confidence: candidates[i]!.confidence, mesh: mesh.points });
    });
    return faces;
  }
}

function scaleSquare(square: SquarePx, by: number): SquarePx {
  return { centreX: square.centreX * by, centreY: square.centreY * by, side: square.side * by };
}

function scaleCandidate(candidate: FaceCandidate, by: number): FaceCandidate {
  return {
    ...candidate,
    centreX: candidate.centreX * by,
    centreY: candidate.centreY * by,
    width: candidate.width * by,
    height: candidate.height * by,
  };
}

/** The whole picture in a square, and, where it is long, squares of its short side that overlap by a fifth or more. */
function nearViews({ width, height }: Picture): SquarePx[] {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const whole: SquarePx = { centreX: width / 2, centreY: height / 2, side: long };
  if (long / short <= MAX_ASPECT) return [whole];
  const count = Math.ceil((long - short) / (0.8 * short)) + 1;
  const tiles = Array.from({ length: count }, (_, i): SquarePx => {
    const along = short / 2 + (i * (long - short)) / (count - 1);
    return width > height
      ? { centreX: along, centreY: height / 2, side: short }
      : { centreX: width / 2, centreY: along, side: short };
  });
  return [whole, ...tiles];
}

function farView({ width, height }: Picture): SquarePx {
  return { centreX: width / 2, centreY: height / 2, side: FAR_VIEW_SCALE * Math.max(width, height) };
}

/** Tight box round (x, y) points. */
function boundingBox(points: Float32Array): BoxPx {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return [left, top, right - left, bottom - top];
}

/** Share of the smaller box that lies in the larger. */
function coverage(a: BoxPx, b: BoxPx): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / Math.min(a[2] * a[3], b[2] * b[3]);
}
