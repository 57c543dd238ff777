import type { FileReport } from "./schema.ts";

const disc = "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0Z";

/** Shapes beside the colours, as SVG paths in a square of 24: a triangle, a dash, a question mark. */
export const verdictShapes: Readonly<
  Record<FileReport["verdict"], { readonly body: string; readonly sign: string }>
> = {
  forged: { body: "M12 3 22 20H2Z", sign: "M12 9v5.5m0 2.2v.3" },
  authentic: { body: disc, sign: "M8 12h8" },
  inconclusive: { body: disc, sign: "M9 9.5a3 3 0 1 1 4.4 2.6c-1 .6-1.4 1-1.4 2.1m0 2.7v.3" },
};
