import type { FacePicture, ReportPictures } from "../../types/pictures.ts";
import type { FileReport } from "../schema.ts";
import { formatTime, kindSentence, showScore } from "../sentences.ts";
import { sideOf } from "../side.ts";
import { dataUrl, html, Markup } from "./markup.ts";

/** Each face with its least and its most authentic frame, and where it looks fake. */
export function faces(report: FileReport, pictures: ReportPictures | null): Markup {
  if (!pictures || pictures.faces.length === 0) return new Markup("");
  const cards = pictures.faces.map(({ track: id, least, most }) => {
    const track = report.tracks.find((one) => one.id === id)!;
    const side = sideOf(track.authenticity, report.threshold);
    const seen =
      report.file.kind === "image"
        ? ""
        : `, seen from ${formatTime(track.firstSec)} to ${formatTime(track.lastSec)} in ${track.frames} frames`;
    const isVideo = report.file.kind === "video";
    const title = most ? "Least authentic frame" : "What the network saw";
    const pictures = [figure(least, title, isVideo)];
    if (most) pictures.push(figure(most, "Most authentic frame", isVideo));
    return html`<section class="face"><h4>Face ${id}</h4>
<p>Authenticity <strong class="${side}">${track.authenticity === null ? "unknown" : showScore(track.authenticity, report.threshold)}</strong>${seen}.${id === report.decidingTrack && " This face decided."}${!track.lasts && " Seen in too few frames to decide."}${side === "forged" && kindSentence(track.syntheticShare)}</p>
<div class="pictures">${pictures}</div></section>`;
  });
  const hasHeat = pictures.faces.some(({ least, most }) => least.heatmap !== null || most?.heatmap);
  const key = html`<p class="key">In the right picture of a pair <span class="swatch heat-forged"></span> orange marks
where the face looks fake to the network. It is an estimate: a fake can look clean, and a mark is no proof.</p>`;
  return html`<h3>Faces</h3>${hasHeat && key}<div class="faces">${cards}</div>`;
}

function figure(
  { track, timeSec, authenticity, crop, heatmap }: FacePicture,
  title: string,
  isVideo: boolean,
): Markup {
  const time = isVideo ? ` at ${formatTime(timeSec)}` : "";
  const at = `face ${track}${time}`;
  return html`<figure><div class="pair"><img src="${dataUrl("image/jpeg", crop)}" alt="${title} of ${at}">${
    heatmap && html`<img src="${dataUrl("image/png", heatmap)}" alt="Heatmap of ${at}">`
  }</div><figcaption>${title}: ${authenticity.toFixed(2)}${time}</figcaption></figure>`;
}
