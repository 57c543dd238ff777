import type { FileReport } from "../../report/schema.ts";
import { formatClock, formatTime, showScore } from "../../report/sentences.ts";
import { sideOf } from "../../report/side.ts";
import type { JobView, PicturesView } from "../job-schema.ts";
import { h } from "./dom.ts";
import { jobUrl } from "./server.ts";

type Exhibit = PicturesView["faces"][number]["least"];

/**
 * Each face with what the network saw of it, and its heat over it.
 *
 * @param show called with the time of a picture that is picked
 */
export function facesSection(
  job: JobView,
  report: FileReport,
  show: (timeSec: number) => void,
): HTMLElement | null {
  const shown = job.pictures?.faces ?? [];
  if (shown.length === 0) return null;
  const isVideo = report.file.kind === "video";
  const cards = shown.map(({ track: id, least, most }) => {
    const track = report.tracks.find((one) => one.id === id)!;
    const side = sideOf(track.authenticity, report.threshold);
    const seen = isVideo
      ? `Seen from ${formatClock(track.firstSec)} to ${formatClock(track.lastSec)}, in ${track.frames} frames. `
      : "";
    const decided = id === report.decidingTrack ? "This face decided." : "";
    const few = track.lasts ? "" : "Seen in too few frames to decide.";
    const exhibits: [Exhibit, string][] = [[least, most ? "Least authentic" : "What the network saw"]];
    if (most) exhibits.push([most, "Most authentic"]);
    return h(
      "li",
      { class: "face" },
      h(
        "h4",
        {},
        `Face ${id} `,
        h(
          "strong",
          { class: side },
          track.authenticity === null ? "not scored" : showScore(track.authenticity, report.threshold),
        ),
      ),
      h("p", { class: "key" }, seen, decided, few),
      h(
        "div",
        { class: "shots" },
        ...exhibits.map((exhibit) => shot(job.id, id, exhibit, { isVideo, show })),
      ),
    );
  });
  return h(
    "section",
    { class: "faces" },
    h("h3", {}, isVideo || shown.length > 1 ? "Faces" : "The face"),
    h("ul", {}, ...cards),
  );
}

function shot(
  id: string,
  track: number,
  [{ timeSec, authenticity, crop, heatmap }, title]: [Exhibit, string],
  { isVideo, show }: { isVideo: boolean; show: (timeSec: number) => void },
): HTMLElement {
  const words = `${title}${isVideo ? ` at ${formatTime(timeSec)}` : ""}: ${authenticity.toFixed(2)}`;
  const picture = (name: string, kind: string, alt: string) =>
    h("img", { class: kind, src: jobUrl(id, `pictures/${name}`), alt, width: 160, height: 160 });
  const pictures = h(
    "span",
    { class: "pair" },
    picture(crop, "crop", `Face ${track}. ${words}`),
    heatmap && picture(heatmap, "heat", ""),
  );
  const caption = h("span", { class: "caption" }, words);
  if (!isVideo) return h("div", { class: "shot" }, pictures, caption);
  return h(
    "button",
    { class: "shot", type: "button", title: "Show this moment", onclick: () => show(timeSec) },
    pictures,
    caption,
  );
}
