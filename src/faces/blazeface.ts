import { type GraphModel, readValues, type Tensor, tf } from "../engine/index.ts";
import type { Picture, SquarePx } from "./sampling.ts";
import { sampleSquare } from "./sampling.ts";

/** Input side of the detector in pixels ("back camera" BlazeFace). */
export const DETECTOR_INPUT_PX = 256;
const CANDIDATES = 896;
/** Score, box (4) and 6 key points (12) of one candidate. */
const VALUES = 17;

/** A face before its mesh is known, in pixels of the picture. */
export interface FaceCandidate {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
  /** Turn of the line between the eyes against the horizontal, clockwise, radians. */
  readonly angleRad: number;
  /** In [0, 1]. */
  readonly confidence: number;
}

/**
 * Finds faces in several squares of one picture with BlazeFace (Bazarevsky et al. 2019).
 *
 * Candidates of all squares are merged by non-maximum suppression in the picture's own pixels.
 *
 * @param options.minConfidence in [0, 1]
 * @param options.maxOverlap intersection over union above which the weaker of two candidates goes
 * @param options.maxBatch squares that go through the network at once
 */
export function findCandidates(
  model: GraphModel,
  picture: Picture,
  squares: readonly SquarePx[],
  options: { minConfidence: number; maxOverlap: number; maxBatch: number },
): FaceCandidate[] {
  const candidates: FaceCandidate[] = [];
  for (let i = 0; i < squares.length; i += options.maxBatch) {
    const some = squares.slice(i, i + options.maxBatch);
    candidates.push(...candidatesIn(model, picture, some, options.minConfidence));
  }
  return suppress(candidates, options.maxOverlap);
}

function candidatesIn(
  model: GraphModel,
  picture: Picture,
  squares: readonly SquarePx[],
  minConfidence: number,
): FaceCandidate[] {
  const input = new Float32Array(squares.length * DETECTOR_INPUT_PX * DETECTOR_INPUT_PX * 3);
  squares.forEach((square, i) => {
    const pixels = sampleSquare(picture, square, DETECTOR_INPUT_PX, "black");
    const offset = i * pixels.length;
    for (let p = 0; p < pixels.length; p++) input[offset + p] = pixels[p]! / 127.5 - 1;
  });
  const raw = readValues(() => {
    const outputs = model.execute(
      tf.tensor4d(input, [squares.length, DETECTOR_INPUT_PX, DETECTOR_INPUT_PX, 3]),
    ) as Tensor[];
    // Two scales, 512 and 384 anchors, scores and boxes apart: put together as [N, 896, 1 + 16].
    const find = (rows: number, columns: number) =>
      outputs.find((t) => t.shape[1] === rows && t.shape[2] === columns)!;
    const scores = tf.concat([find(512, 1), find(384, 1)], 1);
    const boxes = tf.concat([find(512, 16), find(384, 16)], 1);
    return tf.concat([scores, boxes], 2);
  });
  return squares.flatMap((square, i) =>
    decode(raw.subarray(i * CANDIDATES * VALUES, (i + 1) * CANDIDATES * VALUES), square, minConfidence),
  );
}

function decode(raw: Float32Array, square: SquarePx, minConfidence: number): FaceCandidate[] {
  // Compared as logits: one exponential for each survivor instead of 896.
  const minLogit = Math.log(minConfidence / (1 - minConfidence));
  const scale = square.side / DETECTOR_INPUT_PX;
  const left = square.centreX - square.side / 2;
  const top = square.centreY - square.side / 2;
  const found: FaceCandidate[] = [];
  for (let i = 0; i < CANDIDATES; i++) {
    const at = i * VALUES;
    const logit = raw[at]!;
    if (!(logit >= minLogit)) continue;
    const anchor = anchors[i]!;
    const key = (k: number): [number, number] => [raw[at + 5 + 2 * k]!, raw[at + 6 + 2 * k]!];
    const [rightEye, leftEye] = [key(0), key(1)];
    found.push({
      centreX: left + (raw[at + 1]! + anchor[0]) * scale,
      centreY: top + (raw[at + 2]! + anchor[1]) * scale,
      width: raw[at + 3]! * scale,
      height: raw[at + 4]! * scale,
      angleRad: Math.atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]),
      confidence: 1 / (1 + Math.exp(-logit)),
    });
  }
  return found;
}

/** Anchor centres in input pixels: strides 16 (2 an cell) and 32 (6 a cell), row-major. */
const anchors: readonly (readonly [number, number])[] = [
  { stride: 16, perCell: 2 },
  { stride: 32, perCell: 6 },
].flatMap(({ stride, perCell }) => {
  const cells = DETECTOR_INPUT_PX / stride;
  return Array.from({ length: cells * cells * perCell }, (_, i) => {
    const cell = Math.floor(i / perCell);
    return [((cell % cells) + 0.5) * stride, (Math.floor(cell / cells) + 0.5) * stride] as const;
  });
});

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
