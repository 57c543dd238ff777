import { type GraphModel, runAndRead, type Tensor, tf } from "../engine/index.ts";
import { type Picture, sampleUpright } from "./sampling.ts";

/** Input side that the detector was trained with, in pixels ("back camera" BlazeFace). */
export const DETECTOR_INPUT_PX = 256;
/** The network halves its input five times. */
export const INPUT_STEP_PX = 32;
/** Score, box (4) and 6 key points (12) of one candidate. */
const VALUES = 17;
/** Anchors of the two output maps: stride in input pixels, anchors per cell. */
const GRIDS = [
  { stride: 16, perCell: 2 },
  { stride: 32, perCell: 6 },
] as const;
/** Outputs of the graph in the order of the grids: scores [1, N, 1], then boxes [1, N, 16]. */
const OUTPUTS = ["Identity", "Identity_1", "Identity_2", "Identity_3"];

/** The input of one detector pass: the picture at one scale. */
export interface DetectorView {
  /** Top left corner in picture pixels; may lie outside the picture. */
  readonly left: number;
  readonly top: number;
  /** Picture pixels per input pixel. */
  readonly scale: number;
  /** Input size in pixels, multiples of 32. */
  readonly inputWidth: number;
  readonly inputHeight: number;
}

/**
 * A view of the whole picture, centred on black.
 *
 * @param scale approximate picture pixels per input pixel; the long side is rounded to a multiple of 32 px
 * @param room minimum side of the view as a multiple of the long side of the picture; 0 adds no padding
 */
export function viewOf({ width, height }: Picture, scale: number, room = 0): DetectorView {
  const canvas = room * Math.max(width, height);
  const long = Math.max(width, height, canvas);
  const longInput = INPUT_STEP_PX * Math.max(1, Math.round(long / scale / INPUT_STEP_PX));
  const exact = long / longInput;
  const inputOf = (side: number) =>
    INPUT_STEP_PX * Math.ceil(Math.max(side, canvas) / exact / INPUT_STEP_PX - 1e-6);
  const [inputWidth, inputHeight] = [inputOf(width), inputOf(height)];
  return {
    left: (width - inputWidth * exact) / 2,
    top: (height - inputHeight * exact) / 2,
    scale: exact,
    inputWidth,
    inputHeight,
  };
}

/** A detected face before mesh fitting, in picture pixels. */
export interface FaceCandidate {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
  /** Clockwise angle between the line through the eyes and the horizontal, radians. */
  readonly angleRad: number;
  /** In [0, 1]. */
  readonly confidence: number;
}

/**
 * Finds faces in one or more views of a picture with BlazeFace (Bazarevsky et al. 2019).
 *
 * Candidates of all views are merged by non-maximum suppression in picture pixels.
 *
 * @param model graph model, read with `anySize`
 * @param options.minConfidence in [0, 1]
 * @param options.maxOverlap intersection over union above which the weaker of two candidates is removed
 */
export function findCandidates(
  model: GraphModel,
  picture: Picture,
  views: readonly DetectorView[],
  options: { minConfidence: number; maxOverlap: number },
): FaceCandidate[] {
  const candidates = views.flatMap((view) => candidatesIn(model, picture, view, options.minConfidence));
  return suppress(candidates, options.maxOverlap);
}

function candidatesIn(
  model: GraphModel,
  picture: Picture,
  view: DetectorView,
  minConfidence: number,
): FaceCandidate[] {
  const { left, top, scale, inputWidth, inputHeight } = view;
  const area = { left, top, width: inputWidth * scale, height: inputHeight * scale };
  const pixels = sampleUpright(picture, area, { width: inputWidth, height: inputHeight }, "black");
  const input = new Float32Array(pixels.length);
  for (let p = 0; p < pixels.length; p++) input[p] = pixels[p]! / 127.5 - 1;
  const raw = runAndRead(() => {
    const shape: [number, number, number, number] = [1, inputHeight, inputWidth, 3];
    const [nearScores, farScores, nearBoxes, farBoxes] = model.execute(
      tf.tensor4d(input, shape),
      OUTPUTS,
    ) as [Tensor, Tensor, Tensor, Tensor];
    // Concatenates scores and boxes of both maps to [1, N, 1 + 16].
    return tf.concat([tf.concat([nearScores, farScores], 1), tf.concat([nearBoxes, farBoxes], 1)], 2);
  });
  return decode(raw, view, minConfidence);
}

function decode(raw: Float32Array, view: DetectorView, minConfidence: number): FaceCandidate[] {
  const { left, top, scale, inputWidth, inputHeight } = view;
  // Compares logits, so that the sigmoid is only computed for candidates.
  const minLogit = Math.log(minConfidence / (1 - minConfidence));
  const found: FaceCandidate[] = [];
  let at = 0;
  for (const { stride, perCell } of GRIDS) {
    const columns = inputWidth / stride;
    const count = columns * (inputHeight / stride) * perCell;
    for (let i = 0; i < count; i++, at += VALUES) {
      const logit = raw[at]!;
      if (!(logit >= minLogit)) continue;
      // Anchor centres in input pixels, row-major.
      const cell = Math.floor(i / perCell);
      const anchorX = ((cell % columns) + 0.5) * stride;
      const anchorY = (Math.floor(cell / columns) + 0.5) * stride;
      const [rightX, rightY, leftX, leftY] = raw.subarray(at + 5, at + 9) as unknown as number[];
      found.push({
        centreX: left + (raw[at + 1]! + anchorX) * scale,
        centreY: top + (raw[at + 2]! + anchorY) * scale,
        width: raw[at + 3]! * scale,
        height: raw[at + 4]! * scale,
        angleRad: Math.atan2(leftY! - rightY!, leftX! - rightX!),
        confidence: 1 / (1 + Math.exp(-logit)),
      });
    }
  }
  return found;
}

function suppress(candidates: FaceCandidate[], maxOverlap: number): FaceCandidate[] {
  const kept: FaceCandidate[] = [];
  for (const candidate of candidates.sort((a, b) => b.confidence - a.confidence)) {
    if (kept.every((k) => overlap(k, candidate) <= maxOverlap)) kept.push(candidate);
  }
  return kept;
}

function overlap(a: FaceCandidate, b: FaceCandidate): number {
  const w =
    Math.min(a.centreX + a.width / 2, b.centreX + b.width / 2) -
    Math.max(a.centreX - a.width / 2, b.centreX - b.width / 2);
  const h =
    Math.min(a.centreY + a.height / 2, b.centreY + b.height / 2) -
    Math.max(a.centreY - a.height / 2, b.centreY - b.height / 2);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a.width * a.height + b.width * b.height - w * h);
}
