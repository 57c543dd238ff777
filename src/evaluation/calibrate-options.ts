import { z } from "zod";

/** Options of `telltale calibrate`; defaults, ranges and descriptions live here only. */
export const calibrateOptionsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of authentic footage; same as FOLDER.")
    .meta({ placeholder: "FOLDER" }),
  out: z
    .string()
    .min(1)
    .describe("Folder for the new model and calibration.json; the old model is not changed.")
    .meta({ placeholder: "DIR" }),
});
