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
/** Below this the mesh does not fit a face; faces are nearly always above 0.9. */
const MIN_MESH_CONFIDENCE = 0.5;
const MAX_OVERLAP = 0.3;
/** Bounds the time per picture. Faces beyond the limit are counted but not fitted. */
const MAX_FACES = 256;
/** Maximum input of one pass in pixels, about 100 MB; larger views are scaled down. */
const MAX_INPUT_PX = 6 * DETECTOR_INPUT_PX ** 2;
/** In pictures with a shorter side, small faces cannot be scored. */
const MIN_SHORT_SIDE_PX = 40;
/** BlazeFace needs space around a face: if none is found, the picture is padded by this factor. */
const FAR_VIEW_SCALE = 1.6;
/** If no face is found, the picture is enlarged by this factor to report faces that are too small to score. */
const SMALL_FACES_ZOOM = 1.5;
/** A face is large from this fraction of the short side. */
const LARGE_FACE = 0.15;
/** Above this aspect ratio a second, larger view is searched, because faces would be too small in the whole view. */
const MAX_ASPECT = 1.34;

/** Version of the finder, part of the key of cached crops. Increase it when results change. */
export const FINDER_VERSION = 3;

/** Finds faces with BlazeFace and the face mesh of @vladmandic/human (MIT). */
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

  /** Runs both networks once on tiny inputs, because the first pass prepares their weights. */
  warmUp(): void {
    tf.tidy(() => {
      this.#detector.execute(tf.zeros([1, INPUT_STEP_PX, INPUT_STEP_PX, 3]));
      this.#mesh.execute(tf.zeros([1, MESH_INPUT_PX, MESH_INPUT_PX, 3]));
    });
  }

  /**
   * @param picture RGB uint8 [height, width, 3]
   * @returns faces, most confident first
   */
  find(picture: Picture): DetectedFace[] {
    return this.#find(picture).faces;
  }

  /**
   * As {@link find}, but also returns small faces if there are no others, and the number of faces beyond the limit.
   *
   * @param options.isThorough false skips the search for small faces if large ones are found; used for most frames of a video
   */
  findAll(picture: Picture, { isThorough = true }: { isThorough?: boolean } = {}): FoundFaces {
    if (!isThorough && nearViews(picture).length > 1) {
      const large = this.#findLarge(picture);
      if (large.faces.length > 0) return large;
    }
    const found = this.#find(picture);
    return found.faces.length > 0 ? found : this.#search(picture, smallFaceViews(picture));
  }

  #find(picture: Picture): FoundFaces {
    const near = this.#search(picture, nearViews(picture));
    return near.faces.length > 0 ? near : this.#search(picture, [farView(picture)]);
  }

  /** Faces of the whole view if all of them are large; else none, because smaller ones may be missing. */
  #findLarge(picture: Picture): FoundFaces {
    const candidates = this.#candidates(picture, [wholeView(picture)]);
    const minPx = LARGE_FACE * sidesOf(picture).short;
    if (!candidates.every(({ width, height }) => Math.min(width, height) >= minPx)) return NONE;
    return this.#fit(picture, candidates);
  }

  #search(picture: Picture, views: readonly DetectorView[]): FoundFaces {
    return views.length === 0 ? NONE : this.#fit(picture, this.#candidates(picture, views));
  }

  #candidates(picture: Picture, views: readonly DetectorView[]): FaceCandidate[] {
    // Shrinks the picture once for all views, slightly more than the finest view needs, so that sampling takes one tap per
    // pixel instead of four.
    const factor = Math.max(1, Math.ceil(Math.min(...views.map(({ scale }) => scale)) - 0.2));
    // A narrow strip may be thinner than the factor.
    const shrunk = Math.min(picture.width, picture.height) >= factor ? factor : 1;
    const small = shrinkPicture(picture, shrunk);
    const options = { minConfidence: MIN_CANDIDATE_CONFIDENCE, maxOverlap: MAX_OVERLAP };
    const smallViews = views.map((view) => shrinkView(view, shrunk));
    const found = findCandidates(this.#detector, small, smallViews, options);
    return found.map((candidate) => scaleCandidate(candidate, shrunk));
  }

  /** Fits meshes and drops candidates that are not faces. */
  #fit(picture: Picture, all: readonly FaceCandidate[]): FoundFaces {
    const candidates = all.slice(0, MAX_FACES);
    const faces: DetectedFace[] = [];
    const meshes = inBatches(candidates, (some) => fitMeshes(this.#mesh, picture, some));
    meshes.forEach((mesh, i) => {
      if (!(mesh.confidence >= MIN_MESH_CONFIDENCE)) return;
      const box = boundingBox(mesh.points);
      // Two candidates may converge to the same face.
      if (faces.some((face) => coverage(face.box, box) > 0.5)) return;
      faces.push({ box, confidence: candidates[i]!.confidence, mesh: mesh.points });
    });
    return { faces, leftOut: all.length - candidates.length };
  }
}

/** Faces of a picture, most confident first, and the number of faces beyond the limit. */
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

/** The whole picture at the input size of the detector. */
function wholeView(picture: Picture): DetectorView {
  return viewOf(picture, sidesOf(picture).long / DETECTOR_INPUT_PX);
}

/** The whole view; for long pictures also a view with the short side at the input size of the detector. */
function nearViews(picture: Picture): DetectorView[] {
  const { long, short } = sidesOf(picture);
  const whole = wholeView(picture);
  if (long / short <= MAX_ASPECT || short < MIN_SHORT_SIDE_PX) return [whole];
  return [whole, viewOf(picture, boundedScale(picture, short / DETECTOR_INPUT_PX))];
}

/** An enlarged view, for faces that are too small in the other views. */
function smallFaceViews(picture: Picture): DetectorView[] {
  const { short } = sidesOf(picture);
  if (short < MIN_SHORT_SIDE_PX) return [];
  return [viewOf(picture, boundedScale(picture, short / (SMALL_FACES_ZOOM * DETECTOR_INPUT_PX)))];
}

function farView(picture: Picture): DetectorView {
  const { long } = sidesOf(picture);
  return viewOf(picture, (FAR_VIEW_SCALE * long) / DETECTOR_INPUT_PX, FAR_VIEW_SCALE);
}

/** The scale, or a coarser one that keeps the input within {@link MAX_INPUT_PX}. */
function boundedScale({ width, height }: Picture, scale: number): number {
  return Math.max(scale, Math.sqrt((width * height) / MAX_INPUT_PX));
}

function sidesOf({ width, height }: Picture): { readonly long: number; readonly short: number } {
  return { long: Math.max(width, height), short: Math.min(width, height) };
}

/** Bounding box of (x, y) points. */
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

/** Intersection area divided by the area of the smaller box. */
function coverage(a: BoxPx, b: BoxPx): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / Math.min(a[2] * a[3], b[2] * b[3]);
}
