import type { FileReport } from "../../report/schema.ts";
import { formatTime, showScore } from "../../report/sentences.ts";
import { sideOf } from "../../report/side.ts";
import type { JobView, PicturesView } from "../job-schema.ts";
import { Chart } from "./chart.ts";
import { h } from "./dom.ts";
import { jobUrl } from "./server.ts";
import { type Heat, marksAt, type Sightings, type Stage, sightingsOf } from "./stage.ts";
import { describeFrame } from "./words.ts";

/** More lines than this cannot be told apart; the faces that decide come first. */
const MAX_CHARTS = 6;
/** Moments that are shown to click: two rows of three on a phone; of fewer frames, one row. */
const MAX_MOMENTS = 6;

/** The file, the charts and the slider, which all show the same moment. */
export class Player {
  readonly element: HTMLElement;
  readonly #report: FileReport;
  readonly #stage: Stage;
  readonly #sightings: Sightings;
  readonly #thumbnails: ReadonlyMap<number, string>;
  readonly #charts: readonly Chart[];
  readonly #slider: HTMLInputElement;
  readonly #heats: ReadonlyMap<number, readonly Heat[]>;
  readonly #timeline: HTMLElement;
  readonly #side: HTMLElement;
  readonly #caption = h("p", { class: "caption", "aria-hidden": "true" });
  readonly #play = h("button", { class: "play", type: "button" }, "Play");

  constructor(job: JobView, report: FileReport, stage: Stage) {
    this.#report = report;
    this.#stage = stage;
    const pictures = job.pictures?.frames ?? [];
    const sizes = new Map(pictures.map((picture) => [picture.index, picture]));
    this.#sightings = sightingsOf(report, (index) => sizes.get(index) ?? report.file);
    this.#thumbnails = new Map(
      pictures.map(({ index, thumbnail }) => [index, jobUrl(job.id, `pictures/${thumbnail}`)]),
    );
    this.#heats = new Map(
      pictures.map((picture) => [picture.index, picture.heats.map((heat) => heatOf(heat, picture))]),
    );
    const tracks = [...report.tracks]
      .sort((a, b) => Number(b.lasts) - Number(a.lasts) || (a.authenticity ?? 2) - (b.authenticity ?? 2))
      .slice(0, MAX_CHARTS);
    const lines = report.frames.length > 1 ? tracks.map((track) => this.#trackLine(track)) : [];
    this.#charts = lines.map(({ chart }) => chart);
    this.#slider = h("input", {
      ...{ type: "range", min: 0, max: Math.max(0, report.frames.length - 1), step: 1, value: 0 },
      "aria-label": `Frame of ${report.file.path}`,
    });
    const hidden = report.tracks.length - tracks.length;
    const isVideo = report.frames.length > 1;
    this.#timeline = h("div", { class: "timeline" }, ...lines.map(({ element }) => element), this.#slider);
    this.#side = h(
      "div",
      { class: "chart-side" },
      ...(isVideo
        ? [
            h("div", { class: "controls" }, h("h3", {}, "Over time"), this.#play),
            this.#timeline,
            this.#axis(),
            this.#caption,
            hidden > 0 && h("p", { class: "key" }, `And ${hidden} more faces, none of them more forged.`),
            lines.length > 0 &&
              h(
                "p",
                { class: "key" },
                "Each dot is a frame. In the lower band are signs of forgery, in the upper band is no sign.",
              ),
            this.#worstMoments(),
          ]
        : []),
    );
    const heats = pictures.some((picture) => picture.heats.length > 0);
    this.element = h(
      "div",
      { class: "player" },
      h("div", { class: "screen-side" }, stage.element, heats && heatLegend(() => this.element)),
      this.#side,
    );
    this.#connect();
    this.showFrame(this.#lowest());
  }

  /** Puts the faces where there is room: beside a picture, below a video. */
  addFaces(faces: HTMLElement): void {
    if (this.#report.frames.length > 1) this.element.append(faces);
    else this.#side.append(faces);
  }

  /** Shows a frame in picture, charts, slider and words. */
  showFrame(index: number): void {
    const frame = this.#report.frames[index];
    if (!frame) return;
    const { video } = this.#stage;
    if (video && !Number.isNaN(video.duration)) video.currentTime = frame.timeSec;
    if (!video) this.useStandIn(index);
    this.#point(index, (index + 0.5) / this.#report.frames.length);
    this.#mark(index, frame.timeSec);
  }

  /** Where the browser cannot play the file: the server's small picture of a frame. */
  useStandIn(index = Number(this.#slider.value)): void {
    this.#play.hidden = true;
    const url = this.#thumbnails.get(index);
    const frame = this.#report.frames[index];
    const isPicture = this.#stage.element.querySelector("img[src^='blob:']") !== null;
    if (url && frame && !isPicture) {
      this.#stage.setShape(this.#report.file.width, this.#report.file.height);
      this.#stage.showStandIn(url, describeFrame(frame, this.#report));
    }
  }

  /** Shows the moment of a time. */
  showTime(timeSec: number): void {
    const { frames } = this.#report;
    const near = (i: number) => Math.abs(frames[i]!.timeSec - timeSec);
    this.showFrame(frames.reduce((best, _, i) => (near(i) < near(best) ? i : best), 0));
  }

  #connect(): void {
    const { video } = this.#stage;
    this.#slider.addEventListener("input", () => {
      video?.pause();
      this.showFrame(Number(this.#slider.value));
    });
    // The charts are the scrubber; the slider in them is for the keyboard and for screen readers.
    const show = (event: PointerEvent) => {
      const area = this.#timeline.getBoundingClientRect();
      const { length } = this.#report.frames;
      const index = Math.floor(((event.clientX - area.left) / area.width) * length);
      this.showFrame(Math.max(0, Math.min(length - 1, index)));
    };
    this.#timeline.addEventListener("pointerdown", (event) => {
      video?.pause();
      this.#timeline.setPointerCapture(event.pointerId);
      show(event);
      this.#slider.focus();
      event.preventDefault();
    });
    this.#timeline.addEventListener("pointermove", (event) => {
      if (event.buttons > 0) show(event);
    });
    if (!video) {
      this.#play.hidden = true;
      return;
    }
    this.#play.addEventListener("click", () => (video.paused ? void video.play() : video.pause()));
    for (const type of ["play", "pause", "ended"]) {
      video.addEventListener(type, () => {
        this.#play.textContent = video.paused ? "Play" : "Pause";
        if (!video.paused) requestAnimationFrame(() => this.#follow(video));
      });
    }
    // A seek before the metadata are there would be lost.
    if (Number.isNaN(video.duration)) {
      video.addEventListener("loadedmetadata", () => this.showFrame(Number(this.#slider.value)), {
        once: true,
      });
    }
  }

  #follow(video: HTMLVideoElement): void {
    const { frames } = this.#report;
    const timeSec = video.currentTime;
    const after = frames.findIndex((frame) => frame.timeSec > timeSec);
    const before = after === -1 ? frames.length - 1 : Math.max(0, after - 1);
    const [from, to] = [frames[before]!, frames[after]];
    const within =
      to && to !== from && timeSec > from.timeSec
        ? (timeSec - from.timeSec) / (to.timeSec - from.timeSec)
        : 0;
    this.#point(before, Math.min(1, (before + 0.5 + within) / frames.length));
    this.#mark(within < 0.5 ? before : before + 1, timeSec);
    if (!video.paused) requestAnimationFrame(() => this.#follow(video));
  }

  #mark(index: number, timeSec: number): void {
    const marks = marksAt(this.#sightings, this.#report.threshold, timeSec);
    this.#stage.mark(marks);
    const isSeen = ({ track }: Heat) => marks.some((mark) => mark.track === track);
    this.#stage.heat((this.#heats.get(index) ?? []).filter(isSeen), marks);
  }

  #point(index: number, share: number): void {
    const text = describeFrame(this.#report.frames[index]!, this.#report);
    this.#slider.value = String(index);
    this.#slider.setAttribute("aria-valuetext", text);
    this.#caption.textContent = text;
    for (const chart of this.#charts) chart.moveCursor(share);
  }

  /** The frames that speak most for a forgery, to click. */
  #worstMoments(): HTMLElement | null {
    const { frames, threshold } = this.#report;
    const scored = [...frames.keys()].filter(
      (i) => frames[i]!.authenticity !== null && this.#thumbnails.has(frames[i]!.index),
    );
    const worst = scored
      .sort((a, b) => frames[a]!.authenticity! - frames[b]!.authenticity!)
      .slice(0, scored.length < MAX_MOMENTS ? MAX_MOMENTS / 2 : MAX_MOMENTS)
      .sort((a, b) => a - b);
    if (worst.length === 0) return null;
    const buttons = worst.map((i) => {
      const { timeSec, authenticity, index } = frames[i]!;
      return h(
        "li",
        {},
        h(
          "button",
          { class: "moment", type: "button", onclick: () => this.showFrame(i) },
          h("img", { src: this.#thumbnails.get(index)!, alt: "", loading: "lazy" }),
          h(
            "span",
            {},
            `${formatTime(timeSec)} `,
            h("strong", { class: sideOf(authenticity, threshold) }, authenticity!.toFixed(2)),
          ),
        ),
      );
    });
    return h("div", { class: "moments" }, h("h3", {}, "Lowest scores"), h("ul", {}, ...buttons));
  }

  #lowest(): number {
    const { frames } = this.#report;
    const of = (i: number) => frames[i]!.authenticity ?? 2;
    return frames.reduce((best, _, i) => (of(i) < of(best) ? i : best), 0);
  }

  #trackLine({ id, authenticity }: FileReport["tracks"][number]): { element: HTMLElement; chart: Chart } {
    const { frames, threshold } = this.#report;
    const chart = new Chart(threshold);
    const points = frames.flatMap((frame, index) => {
      const face = frame.faces.find(({ track }) => track === id);
      return face?.authenticity == null ? [] : [{ index, authenticity: face.authenticity }];
    });
    chart.draw(points, { count: frames.length, isLinked: true });
    const side = sideOf(authenticity, threshold);
    const number = authenticity === null ? "not scored" : showScore(authenticity, threshold);
    const label = h("p", { class: "track-name" }, `Face ${id} `, h("strong", { class: side }, number));
    return { element: h("div", { class: "track" }, label, chart.element), chart };
  }

  #axis(): HTMLElement {
    const { frames } = this.#report;
    return h(
      "p",
      { class: "axis", "aria-hidden": "true" },
      h("span", {}, formatTime(frames[0]!.timeSec)),
      h("span", {}, formatTime(frames.at(-1)!.timeSec)),
    );
  }
}

function heatOf(
  { track, square: [left, top, side], width, height, cells }: PicturesView["frames"][number]["heats"][number],
  frame: { readonly width: number; readonly height: number },
): Heat {
  const fake = Float32Array.from(atob(cells), (byte) => byte.charCodeAt(0) / 255);
  return {
    track,
    map: { width, height, fake },
    square: [left / frame.width, top / frame.height, side / frame.width, side / frame.height],
  };
}

/** What the heat's colours mean, and a switch that takes it away. @param whole what is shown without heat */
function heatLegend(whole: () => HTMLElement): HTMLElement {
  const input = h("input", { type: "checkbox", role: "switch", checked: true });
  input.addEventListener("change", () => whole().classList.toggle("cold", !input.checked));
  return h(
    "div",
    { class: "heat-key" },
    h("label", { class: "switch" }, input, " Show heat"),
    h(
      "p",
      { class: "key" },
      "Where the face looks fake to the network: 30% ",
      h("span", { class: "ramp", "aria-hidden": "true" }),
      " 95% likely. An estimate, no proof.",
    ),
  );
}
