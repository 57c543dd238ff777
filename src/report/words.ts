import type { FileReport } from "./schema.ts";

type Verdict = FileReport["verdict"];
type Reason = NonNullable<FileReport["reason"]>;

/** A verdict for people: what was found, and no more. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  forged: "Signs of forgery",
  authentic: "No sign of forgery found",
  inconclusive: "Can’t tell",
};

/** Why a verdict is not that of the pixels, or is `inconclusive`, in a few words. */
export const reasonWords: Readonly<Record<Reason, string>> = {
  "no-face": "no face found",
  "face-too-small": "faces too small",
  "too-few-frames": "face seen too briefly",
  "near-threshold": "between the lines",
  "too-compressed": "too compressed",
  "not-fully-analyzed": "not all of it could be analyzed",
  "frames-failed": "no frame could be read",
  unstable: "copies of it get the opposite answer",
  declared: "its signed statement declares it",
  contradicted: "it says of itself that AI made it",
};

/** One score beside the lines: which side it is on, in a few words. */
export const sideWords: Readonly<Record<Verdict, string>> = {
  forged: "signs of forgery",
  authentic: "no sign",
  inconclusive: "between the lines",
};

/** What a file is called in a sentence. */
export const kindWords = { image: "picture", video: "video" } as const;

/** What was not analyzed, for one and for several. */
export const notAnalyzedWords = {
  "video-track": ["video track", "video tracks"],
  "embedded-video": ["embedded video", "embedded videos"],
  picture: ["picture", "pictures"],
  "end-of-video": ["end of the video", "ends of videos"],
  face: ["face", "faces"],
} as const;

/** A trial's name for people. */
export const trialNames = {
  "jpeg-40": "as JPEG 40",
  "half-size": "at half size",
  "h264-crf-35": "as H.264 CRF 35",
} as const;

/** What came of a file of an audit, for people. */
export const outcomeWords = {
  ...verdictWords,
  error: "Not analyzed",
  "not-media": "No video or picture",
} as const;
