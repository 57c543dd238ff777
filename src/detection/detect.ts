import { defaultModelDir } from "../networks/read-manifest.ts";
import type { DetectOptions } from "../options/detect-options.ts";
import type { Detection } from "../types/detection.ts";
import type { DetectCall } from "./detect-call.ts";
import { Detector } from "./detector.ts";

export type { DetectCall, FrameProgress } from "./detect-call.ts";
export type { Detector } from "./detector.ts";

/**
 * Opens a {@link Detector} for any number of files. Close it after use.
 *
 * @throws TelltaleError as {@link Detector.open}
 */
export function openDetector(options: DetectOptions = {}): Promise<Detector> {
  return Detector.open(options);
}

/**
 * Loads a model as a {@link Detector}. Close it after use.
 *
 * @param folder of the model, with a `manifest.json`; default: the model of this package
 * @throws TelltaleError as {@link Detector.open}
 */
export function loadModel(
  folder: string = defaultModelDir,
  options: Omit<DetectOptions, "model"> = {},
): Promise<Detector> {
  return openDetector({ ...options, model: folder });
}

/**
 * Analyzes one file. For several files use {@link openDetector}, which loads the model once.
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
