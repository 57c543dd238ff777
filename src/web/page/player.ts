import type { FileReport } from "../../report/schema.ts";
import { moment } from "../../report/sentence.ts";
import { sideOf } from "../../report/side.ts";
import type { JobView } from "../job-schema.ts";
import { Chart } from "./chart.ts";
import { h } from "./dom.ts";
import { jobUrl } from "./server.ts";
import { marksAt, type Sightings, type Stage, sightingsOf } from "./stage.ts";
import { describeFrame } from "./words.ts";

/** More lines than this cannot be told apart; the faces that decide come first. */
const MAX_CHARTS = 6;

/** The file, the charts and the slider, which all show the same moment. */
export class Player {
  readonly element: HTMLElement;
  readonly #report: FileReport;
  readonly #stage: Stage;
  readonly #sightings: Sightings;
  readonly #thumbnails: ReadonlyMap<number, string>;
  readonly #charts: readonly Chart[];
  readonly #slider: HTMLInputElement;
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
    this.element = h(
      "div",
      { class: "player" },
      h("div", { class: "screen-side" }, stage.element),
      report.frames.length > 1 &&
        h(
          "div",
          { class: "chart-side" },
          h("h3", {}, "Over time"),
          h("div", { class: "controls" }, this.#play, this.#slider),
          this.#caption,
          ...lines.map(({ element }) => element),
          lines.length > 0 && this.#axis(),
          hidden > 0 && h("p", { class: "key" }, `And ${hidden} more faces, none of them more forged.`),
          lines.length > 0 &&
            h(
              "p",
              { class: "key" },
              "Each dot is a frame: high is authentic, low is forged. The tinted bands are where the verdict is clear.",
            ),
        ),
    );
    this.#connect();
    this.showFrame(this.#lowest());
  }

  /** Shows a frame in picture, charts, slider and words. */
  showFrame(index: number): void {
    const frame = this.#report.frames[index];
    if (!frame) return;
    const { video } = this.#stage;
    if (video && !Number.isNaN(video.duration)) video.currentTime = frame.timeSec;
    if (!video) this.useStandIn(index);
    this.#point(index, (index + 0.5) / this.#report.frames.length);
    this.#stage.mark(marksAt(this.#sightings, this.#report.threshold, frame.timeSec));
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
    for (const { element } of this.#charts) {
      const show = (event: PointerEvent) => {
        const area = element.getBoundingClientRect();
        const share = (event.clientX - area.left) / area.width;
        const { length } = this.#report.frames;
        this.showFrame(Math.max(0, Math.min(length - 1, Math.floor(share * length))));
      };
      element.addEventListener("pointerdown", (event) => {
        video?.pause();
        element.setPointerCapture(event.pointerId);
        show(event);
      });
      element.addEventListener("pointermove", (event) => {
        if (event.buttons > 0) show(event);
      });
    }
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
    this.#stage.mark(marksAt(this.#sightings, this.#report.threshold, timeSec));
    if (!video.paused) requestAnimationFrame(() => this.#follow(video));
  }

  #point(index: number, share: number): void {
    const text = describeFrame(this.#report.frames[index]!, this.#report);
    this.#slider.value = String(index);
    this.#slider.setAttribute("aria-valuetext", text);
    this.#caption.textContent = text;
    for (const chart of this.#charts) chart.moveCursor(share);
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
    const number = authenticity === null ? "not scored" : authenticity.toFixed(2);
    const label = h("p", { class: "track-name" }, `Face ${id} `, h("strong", { class: side }, number));
    return { element: h("div", { class: "track" }, label, chart.element), chart };
  }

  #axis(): HTMLElement {
    const { frames } = this.#report;
    return h(
      "p",
      { class: "axis", "aria-hidden": "true" },
      h("span", {}, moment(frames[0]!.timeSec)),
      h("span", {}, moment(frames.at(-1)!.timeSec)),
    );
  }
}
