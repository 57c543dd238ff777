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
/** Enough for a crowd; keeps a wall of posters from taking minutes. What is beyond it is counted. */
const MAX_FACES = 256;
/** Views that go through a network at once: each takes some 20 MB of memory there. */
const MAX_BATCH = 8;
/** Squares of a long picture; more of them would each be smaller than a face that can be judged. */
const MAX_TILES = 24;
/** Squares of a side below this hold no face that could be judged. */
const MIN_TILE_PX = 40;
/** BlazeFace wants room round a face: a picture that is all face is looked at from further away. */
const FAR_VIEW_SCALE = 1.6;
/**
 * A face that fills less than this share of a square is seldom found: where nothing was found, the picture is looked at
 * once more in smaller squares, so that small faces are named as such.
 */
const SMALL_FACE_VIEWS = 3;
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
    return this.#find(picture).faces;
  }

  /** As {@link find}, but smaller faces too where there are no others, and how many were left out of a crowd. */
  findAll(picture: Picture): FoundFaces {
    const found = this.#find(picture);
    return found.faces.length > 0 ? found : this.#look(picture, smallViews(picture));
  }

  #find(picture: Picture): FoundFaces {
    const near = this.#look(picture, nearViews(picture));
    return near.faces.length > 0 ? near : this.#look(picture, [farView(picture)]);
  }

  #look(picture: Picture, views: readonly SquarePx[]): FoundFaces {
    if (views.length === 0) return { faces: [], leftOut: 0 };
    // Squares are shrunk to the detector's input anyway; the common part of it is done once, a little further than
    // the smallest square needs, so that it is then sampled with one tap a pixel instead of four.
    const smallestSide = Math.min(...views.map((view) => view.side));
    const factor = Math.max(1, Math.ceil(smallestSide / DETECTOR_INPUT_PX - 0.2));
    // A strip may be thinner than the factor.
    const shrunk = Math.min(picture.width, picture.height) >= factor ? factor : 1;
    const small = shrinkPicture(picture, shrunk);
    const squares = views.map((view) => scaleSquare(view, 1 / shrunk));
    const options = { minConfidence: MIN_CANDIDATE_CONFIDENCE, maxOverlap: MAX_OVERLAP, maxBatch: MAX_BATCH };
    const all = findCandidates(this.#detector, small, squares, options);
    const candidates = all.slice(0, MAX_FACES).map((candidate) => scaleCandidate(candidate, shrunk));
    const faces: DetectedFace[] = [];
    const meshes = inBatches(candidates, MAX_BATCH, (some) => fitMeshes(this.#mesh, picture, some));
    meshes.forEach((mesh, i) => {
      if (!(mesh.confidence >= MIN_MESH_CONFIDENCE)) return;
      const box = boundingBox(mesh.points);
      // Two candidates may slide onto one face once their meshes are fitted.
      if (faces.some((face) => coverage(face.box, box) > 0.5)) return;
      faces.push({ box, confidence: candidates[i]!.confidence, mesh: mesh.points });
    });
    return { faces, leftOut: all.length - candidates.length };
  }
}

/** The faces of a picture, most confident first, and how many more there are. */
export interface FoundFaces {
  readonly faces: DetectedFace[];
  readonly leftOut: number;
}

function inBatches<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (some: readonly Item[]) => readonly Result[],
): Result[] {
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += size) results.push(...work(items.slice(i, i + size)));
  return results;
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
function nearViews(picture: Picture): SquarePx[] {
  const { width, height } = picture;
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const whole: SquarePx = { centreX: width / 2, centreY: height / 2, side: long };
  if (long / short <= MAX_ASPECT || short < MIN_TILE_PX) return [whole];
  return [whole, ...tiles(picture, short)].slice(0, 1 + MAX_TILES);
}

/** Overlapping squares of a third of the short side, for faces that are too small to be found from further away. */
function smallViews(picture: Picture): SquarePx[] {
  const short = Math.min(picture.width, picture.height);
  const side = short / (SMALL_FACE_VIEWS / 2);
  if (short < MIN_TILE_PX) return [];
  return tiles(picture, side).slice(0, MAX_TILES);
}

/** Squares of a side that cover a picture and overlap by a fifth or more. */
function tiles({ width, height }: Picture, side: number): SquarePx[] {
  const centres = (length: number) => {
    if (length <= side) return [length / 2];
    const count = Math.ceil((length - side) / (0.8 * side)) + 1;
    return Array.from({ length: count }, (_, i) => side / 2 + (i * (length - side)) / (count - 1));
  };
  return centres(height).flatMap((centreY) => centres(width).map((centreX) => ({ centreX, centreY, side })));
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
