import { type GraphModel, humanModelPath, inBatches, readGraphModel, tf } from "../engine/index.ts";
import {
  DETECTOR_INPUT_PX,
  type DetectorView,
  type FaceCandidate,
  findCandidates,
  INPUT_STEP_PX,
  viewOf,
} from "./blazeface.ts";
import { fitMeshes, MESH_INPUT_PX } from "./face-mesh.ts";
import { type Picture, shrinkPicture } from "./sampling.ts";
import type { BoxPx, DetectedFace } from "./types.ts";

/** Below this the detector's boxes are mostly not faces. */
const MIN_CANDIDATE_CONFIDENCE = 0.3;
/** Below this the mesh does not sit on a face; real faces are nearly always above 0.9. */
const MIN_MESH_CONFIDENCE = 0.5;
const MAX_OVERLAP = 0.3;
/** Enough for a crowd; keeps a wall of posters from taking minutes. What is beyond it is counted. */
const MAX_FACES = 256;
/** Input of one pass in pixels: what a long picture would have above this makes it smaller. Takes about 100 MB. */
const MAX_INPUT_PX = 6 * DETECTOR_INPUT_PX ** 2;
/** Pictures with a shorter side than this hold no small face that could be scored. */
const MIN_SHORT_SIDE_PX = 40;
/** BlazeFace wants room round a face: a picture that is all face is looked at from further away. */
const FAR_VIEW_SCALE = 1.6;
/** Where nothing was found, the picture is looked at so much larger, so that small faces are named as such. */
const SMALL_FACES_ZOOM = 1.5;
/** Share of the short side from which a face is large. */
const LARGE_FACE = 0.15;
/** Longer pictures than this are also looked at larger, or faces would be too small to find. */
const MAX_ASPECT = 1.34;

/** Raised whenever the same picture may give other faces: crops that are kept were cut with one version. */
export const FINDER_VERSION = 3;

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
      readGraphModel(humanModelPath("blazeface"), { anySize: true }),
      readGraphModel(humanModelPath("facemesh")),
    ]);
    return new FaceFinder(detector, mesh);
  }

  /** Runs both networks once on next to nothing: the first pass prepares their weights. */
  warmUp(): void {
    tf.tidy(() => {
      this.#detector.execute(tf.zeros([1, INPUT_STEP_PX, INPUT_STEP_PX, 3]));
      this.#mesh.execute(tf.zeros([1, MESH_INPUT_PX, MESH_INPUT_PX, 3]));
    });
  }

  /**
   * @param picture RGB uint8 [height, width, 3]
   * @returns faces, most confident first; an empty list when there is none
   */
  find(picture: Picture): DetectedFace[] {
    return this.#find(picture).faces;
  }

  /**
   * As {@link find}, but smaller faces too where there are no others, and how many were left out of a crowd.
   *
   * @param options.isThorough false looks for small faces in a long picture only where no large ones are found: for most frames
   *   of a video, of which every few are looked at thoroughly
   */
  findAll(picture: Picture, { isThorough = true }: { isThorough?: boolean } = {}): FoundFaces {
    if (!isThorough && nearViews(picture).length > 1) {
      const large = this.#findLarge(picture);
      if (large.faces.length > 0) return large;
    }
    const found = this.#find(picture);
    return found.faces.length > 0 ? found : this.#look(picture, smallFaceViews(picture));
  }

  #find(picture: Picture): FoundFaces {
    const near = this.#look(picture, nearViews(picture));
    return near.faces.length > 0 ? near : this.#look(picture, [farView(picture)]);
  }

  /** The faces of the whole view; none where one of them is small, since others may be too small for that view. */
  #findLarge(picture: Picture): FoundFaces {
    const candidates = this.#candidates(picture, [wholeView(picture)]);
    const leastPx = LARGE_FACE * sidesOf(picture).short;
    if (!candidates.every(({ width, height }) => Math.min(width, height) >= leastPx)) return NONE;
    return this.#fit(picture, candidates);
  }

  #look(picture: Picture, views: readonly DetectorView[]): FoundFaces {
    return views.length === 0 ? NONE : this.#fit(picture, this.#candidates(picture, views));
  }

  #candidates(picture: Picture, views: readonly DetectorView[]): FaceCandidate[] {
    // The views shrink the picture anyway; the common part of it is done once, a little further than the finest one needs,
    // so that it is then sampled with one tap a pixel instead of four.
    const factor = Math.max(1, Math.ceil(Math.min(...views.map(({ scale }) => scale)) - 0.2));
    // A strip may be thinner than the factor.
    const shrunk = Math.min(picture.width, picture.height) >= factor ? factor : 1;
    const small = shrinkPicture(picture, shrunk);
    const options = { minConfidence: MIN_CANDIDATE_CONFIDENCE, maxOverlap: MAX_OVERLAP };
    const smallViews = views.map((view) => shrinkView(view, shrunk));
    const found = findCandidates(this.#detector, small, smallViews, options);
    return found.map((candidate) => scaleCandidate(candidate, shrunk));
  }

  /** Candidates that a mesh fits. */
  #fit(picture: Picture, all: readonly FaceCandidate[]): FoundFaces {
    const candidates = all.slice(0, MAX_FACES);
    const faces: DetectedFace[] = [];
    const meshes = inBatches(candidates, (some) => fitMeshes(this.#mesh, picture, some));
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

const NONE: FoundFaces = { faces: [], leftOut: 0 };

function shrinkView(view: DetectorView, by: number): DetectorView {
  return { ...view, left: view.left / by, top: view.top / by, scale: view.scale / by };
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

/** The whole picture at the detector's own size. */
function wholeView(picture: Picture): DetectorView {
  return viewOf(picture, sidesOf(picture).long / DETECTOR_INPUT_PX);
}

/** The whole view, and, where the picture is long, one with its short side at the detector's own size. */
function nearViews(picture: Picture): DetectorView[] {
  const { long, short } = sidesOf(picture);
  const whole = wholeView(picture);
  if (long / short <= MAX_ASPECT || short < MIN_SHORT_SIDE_PX) return [whole];
  return [whole, viewOf(picture, boundedScale(picture, short / DETECTOR_INPUT_PX))];
}

/** The whole picture larger, for faces that are too small to be found in the near views. */
function smallFaceViews(picture: Picture): DetectorView[] {
  const { short } = sidesOf(picture);
  if (short < MIN_SHORT_SIDE_PX) return [];
  return [viewOf(picture, boundedScale(picture, short / (SMALL_FACES_ZOOM * DETECTOR_INPUT_PX)))];
}

function farView(picture: Picture): DetectorView {
  const { long } = sidesOf(picture);
  return viewOf(picture, (FAR_VIEW_SCALE * long) / DETECTOR_INPUT_PX, FAR_VIEW_SCALE);
}

/** A scale, or the finest that keeps the input within {@link MAX_INPUT_PX}. */
function boundedScale({ width, height }: Picture, scale: number): number {
  return Math.max(scale, Math.sqrt((width * height) / MAX_INPUT_PX));
}

function sidesOf({ width, height }: Picture): { readonly long: number; readonly short: number } {
  return { long: Math.max(width, height), short: Math.min(width, height) };
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
