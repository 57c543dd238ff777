/**
 * Telltale as a library: an authenticity for every face in every frame.
 *
 * ```ts
 * import { detect } from "telltale";
 *
 * const { verdict, authenticity } = await detect("clip.mp4");
 * ```
 */
export { type AuditCall, audit } from "./audit/audit.ts";
export { type AuditOptions, auditOptionsSchema } from "./audit/options.ts";
export type { AuditProgress } from "./audit/progress.ts";
export {
  type DetectCall,
  type Detector,
  detect,
  type FrameProgress,
  loadModel,
  openDetector,
} from "./detection/detect.ts";
export { writeOverlay } from "./detection/overlay.ts";
export {
  drawHeatmaps,
  makeReportPictures,
  /** @deprecated Use `makeReportPictures`. */
  makeReportPictures as makeExhibits,
} from "./detection/report-pictures.ts";
export { type ErrorCode, TelltaleError } from "./errors.ts";
export type { BoxPx, FaceObservation, FrameObservation } from "./faces/types.ts";
export type { ModelManifest } from "./networks/manifest.ts";
export { listModels } from "./networks/read-manifest.ts";
export {
  type DetectOptions,
  detectOptionsSchema,
  type ResolvedDetectOptions,
} from "./options/detect-options.ts";
export { formatCsv, formatSummary } from "./report/csv.ts";
export type { Making } from "./report/html/facts.ts";
export { formatHtml, type HtmlItem, htmlPolicy } from "./report/html/page.ts";
export { formatJson, reportFailure, reportFile } from "./report/json.ts";
export { type FailureReport, type FileReport, type Report, reportSchema } from "./report/schema.ts";
export type { AuditEntry, AuditSummary, Outcome } from "./types/audit.ts";
export type {
  Detection,
  FaceDetection,
  FrameDetection,
  Reason,
  Stability,
  StabilityTrial,
  Thresholds,
  TrackDetection,
  Verdict,
} from "./types/detection.ts";
export type {
  FaceEvidence,
  FacePicture,
  /** @deprecated Use `FacePicture`. */
  FacePicture as FaceExhibit,
  FrameEvidence,
  HeatMap,
  ReportPictures,
  /** @deprecated Use `ReportPictures`. */
  ReportPictures as Exhibits,
} from "./types/pictures.ts";
