import type { ReportPictures } from "../../types/pictures.ts";
import type { FileReport } from "../schema.ts";
import { formatTime, showScore } from "../sentences.ts";
import { sideOf } from "../side.ts";
import { sideWords } from "../words.ts";
import { dataUrl, html, Markup } from "./markup.ts";

type Frame = FileReport["frames"][number];

/** More lines than this cannot be told apart; the faces that decide come first. */
const MAX_TRACKS = 12;
/** Units of the drawing, stretched to the page's width. */
const [WIDTH, HEIGHT] = [1000, 100];

/** Authenticity over time, one line a face, with the frames to scrub through. */
export function timeline(report: FileReport, pictures: ReportPictures | null, id: string): Markup {
  const { tracks, frames, threshold } = report;
  if (frames.length <= 1 || tracks.length === 0) return strip(report, pictures, id);
  const shown = [...tracks]
    .sort((a, b) => Number(b.lasts) - Number(a.lasts) || (a.authenticity ?? 2) - (b.authenticity ?? 2))
    .slice(0, MAX_TRACKS);
  const charts = shown.map((track) => {
    const number = track.authenticity === null ? "not scored" : showScore(track.authenticity, threshold);
    const side = sideOf(track.authenticity, threshold);
    return html`<div class="track"><p>Face ${track.id} <strong class="${side}">${number}</strong></p>${chart(report, track.id)}</div>`;
  });
  const hidden = tracks.length - shown.length;
  return html`<div class="timeline">${charts}
<p class="axis"><span>${formatTime(frames[0]!.timeSec)}</span><span>${formatTime(frames.at(-1)!.timeSec)}</span></p></div>
${hidden > 0 ? html`<p>And ${hidden} more faces, none of them more forged.</p>` : null}
<p class="key">Each dot is a frame. In the <span class="forged">lower band</span> (below ${threshold.forgedBelow.toFixed(2)}) are signs
of forgery, in the <span class="authentic">upper band</span> (above ${threshold.authenticAbove.toFixed(2)}) is no sign.</p>
${strip(report, pictures, id)}`;
}

function chart({ frames, threshold }: FileReport, track: number): Markup {
  const x = (i: number) => ((i + 0.5) / frames.length) * WIDTH;
  const y = (authenticity: number) => 4 + (1 - authenticity) * (HEIGHT - 8);
  const points = frames.map((frame, i) => {
    const authenticity = frame.faces.find((face) => face.track === track)?.authenticity ?? null;
    return authenticity === null ? null : { x: x(i), y: y(authenticity), authenticity };
  });
  // A dot is a line of no length with a round end: it stays round when the drawing is stretched.
  const dots = (["forged", "inconclusive", "authentic"] as const).map((side) => {
    const own = points.filter((point) => point && sideOf(point.authenticity, threshold) === side);
    const path = own.map((point) => `M${point!.x.toFixed(1)} ${point!.y.toFixed(1)}h0`).join("");
    return html`<path class="dots ${side}" d="${path}"/>`;
  });
  const line = points
    .map((point, i) => point && `${points[i - 1] ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`)
    .filter(Boolean)
    .join("");
  const low = y(threshold.forgedBelow);
  return html`<div class="chart" data-chart aria-hidden="true"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
<rect class="band authentic" width="${WIDTH}" height="${y(threshold.authenticAbove).toFixed(1)}"/><rect class="band forged" y="${low.toFixed(1)}" width="${WIDTH}" height="${(HEIGHT - low).toFixed(1)}"/>
<path class="line" d="${line}"/>${dots}</svg><span class="cursor" hidden></span></div>`;
}

/** The frames: a large one with a slider, and a strip of all, which is what prints. */
function strip(report: FileReport, pictures: ReportPictures | null, id: string): Markup {
  const byIndex = new Map(report.frames.map((frame, i) => [frame.index, { frame, i }]));
  const shots = (pictures?.frames ?? []).flatMap((shot) => {
    const found = byIndex.get(shot.index);
    return found ? [{ ...shot, ...found }] : [];
  });
  if (shots.length === 0) return new Markup("");
  const lowest = Math.min(...shots.map(({ frame }) => frame.authenticity ?? 2));
  const items = shots.map(({ frame, i, width, height, thumbnail }) => {
    const text = describe(frame, report);
    const boxes = frame.faces.map(({ box: [x, y, w, h], track, authenticity }) => {
      const percent = (value: number, of: number) => `${((100 * value) / of).toFixed(2)}%`;
      const place = `left:${percent(x, width)};top:${percent(y, height)};width:${percent(w, width)};height:${percent(h, height)}`;
      const label = authenticity === null ? `${track}` : `${track}: ${authenticity.toFixed(2)}`;
      return html`<span class="box ${sideOf(authenticity, report.threshold)}" style="${place}"><span>${label}</span></span>`;
    });
    return html`<li data-x="${((100 * (i + 0.5)) / report.frames.length).toFixed(2)}" data-text="${text}"${frame.authenticity === lowest && new Markup(" data-lowest")}><span class="shot" style="aspect-ratio:${width}/${height}"><img src="${dataUrl("image/jpeg", thumbnail)}" alt="${text}">${boxes}</span>${shots.length > 1 && html`<span class="time" aria-hidden="true">${formatTime(frame.timeSec)}</span>`}</li>`;
  });
  const scrubber = html`<div class="scrubber" data-scrubber hidden><div class="stage" data-stage aria-hidden="true"></div>
<label for="${id}-scrub">Frame</label><input type="range" id="${id}-scrub" min="0" max="${shots.length - 1}" value="0" step="1">
<p class="caption" data-caption aria-hidden="true"></p></div>`;
  return html`${shots.length > 1 ? scrubber : null}<ol class="strip${shots.length === 1 ? " single" : ""}" tabindex="0" aria-label="Analyzed frames">${items}</ol>`;
}

function describe(frame: Frame, { frames, threshold }: FileReport): string {
  const byTrack = [...frame.faces].sort((a, b) => a.track - b.track);
  const faces = byTrack.map(({ track, authenticity, unscored }) => {
    if (authenticity === null)
      return `face ${track} not scored${unscored === "too-small" ? ", too small" : ""}`;
    return `face ${track} authenticity ${showScore(authenticity, threshold)} (${sideWords[sideOf(authenticity, threshold)]})`;
  });
  const what = frame.error ? "could not be scored" : faces.join(", ") || "no face";
  return `Frame ${frame.index + 1} of ${frames.length} at ${formatTime(frame.timeSec)}: ${what}`;
}
