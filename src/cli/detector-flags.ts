import { z } from "zod";
import { detectOptionsSchema } from "../options/detect-options.ts";

const { stability: _, provenance: __, trustAnchors: ___, ...shared } = detectOptionsSchema.shape;

/** Options of detect for commands that measure what the pixels say: which frames, which model, which backend. */
export const detectorFlagsSchema = z.strictObject(shared);

/** The same for commands that name their models otherwise. */
export const samplingFlagsSchema = detectorFlagsSchema.omit({ model: true });
