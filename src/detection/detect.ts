import { defaultModelDir } from "../networks/read-manifest.ts";
import type { DetectCall } from "./detect-call.ts";
import type { Detection } from "./detection.ts";
import { Detector } from "./detector.ts";
import type { DetectOptions } from "./options.ts";

export type { DetectCall, FrameProgress } from "./detect-call.ts";
export type { Detector } from "./detector.ts";

/**
 * Opens a {@link Detector} for many files; close it when done.
 *
 * @throws TelltaleError as {@link Detector.open}
 */
export function openDetector(options: DetectOptions = {}): Promise<Detector> {
  return Detector.open(options);
}

/**
 * Loads a model to judge many files with; close it when done.
 *
 * @param folder of the model, with its `manifest.json`; the one that comes with telltale when left out
 * @throws TelltaleError as {@link Detector.open}
 */
export function loadModel(
  folder: string = defaultModelDir,
  options: Omit<DetectOptions, "model"> = {},
): Promise<Detector> {
  return openDetector({ ...options, model: folder });
}

/**
 * The verdict on one file. For more than one, {@link openDetector} loads the model once.
 *
 * @param path video or still image
 * @throws TelltaleError as {@link Detector.open} and {@link Detector.detect}
 */
export async function detect(path: string, options: DetectOptions & DetectCall = {}): Promise<Detection> {
  const { signal, onFrame, onMedia, filter, hasEvidence, ...detectorOptions } = options;
  const detector = await openDetector(detectorOptions);
  try {
    return await detector.detect(path, { signal, onFrame, onMedia, filter, hasEvidence });
  } finally {
    await detector.close();
  }
}
