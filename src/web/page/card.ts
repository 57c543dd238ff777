import type { Report } from "../../report/schema.ts";
import { verdictSentence } from "../../report/sentence.ts";
import type { Health, JobView } from "../job-schema.ts";
import { details, stability, warnings } from "./details.ts";
import { h, svg } from "./dom.ts";
import { facesSection } from "./faces.ts";
import { LiveView } from "./live-view.ts";
import { Player } from "./player.ts";
import { origin } from "./provenance.ts";
import { jobUrl, listen, Refusal, sendFile, wipe } from "./server.ts";
import { Stage } from "./stage.ts";
import { verdictBanner } from "./verdict.ts";
import { size } from "./words.ts";

/** How a card ended: a verdict, or that the file could not be looked at. */
export type Outcome = "authentic" | "forged" | "inconclusive" | "failed";

export interface CardOptions {
  readonly health: Health;
  /** Says a sentence to screen readers. */
  readonly announce: (sentence: string) => void;
  /** Called when there is an outcome, and when the card is taken away. */
  readonly onChange: () => void;
}

/** One file: on its way, being judged, judged, or refused. */
export class Card {
  readonly element: HTMLElement;
  outcome: Outcome | null = null;
  readonly #file: File;
  readonly #options: CardOptions;
  readonly #stop = new AbortController();
  readonly #phase = h("p", { class: "phase" });
  readonly #progress: HTMLProgressElement;
  readonly #body = h("div", { class: "body" });
  readonly #remove: HTMLButtonElement;
  #stage: Stage | null = null;
  #player: Player | null = null;
  #id: string | null = null;
  #events: { close(): void } | null = null;

  constructor(file: File, options: CardOptions) {
    this.#file = file;
    this.#options = options;
    this.#progress = h("progress", { max: 1, value: 0, "aria-label": `Progress of ${file.name}` });
    this.#remove = h("button", { class: "quiet", type: "button", onclick: () => this.remove() }, "Cancel");
    this.#remove.setAttribute("aria-label", `Cancel ${file.name}`);
    this.element = h(
      "article",
      { class: "card", "aria-busy": "true" },
      h(
        "header",
        {},
        h("h2", {}, h("bdi", {}, file.name)),
        h("span", { class: "size" }, size(file.size)),
        this.#remove,
      ),
      h("div", { class: "status" }, this.#phase, this.#progress),
      this.#body,
    );
    this.#say("Waiting for its turn");
  }

  /** Sends the file; resolves when the next one may be sent. */
  async send(): Promise<void> {
    const { maxBytes } = this.#options.health.limits;
    try {
      if (this.#file.size > maxBytes) {
        const sentence = `Expected a file of at most ${size(maxBytes)} but this one has ${size(this.#file.size)}: a shorter or smaller copy will do.`;
        throw new Refusal("UPLOAD_TOO_LARGE", sentence);
      }
      this.#watch(await this.#upload());
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error as Refusal);
    }
  }

  /** Takes the card away and wipes its job. */
  remove(): void {
    this.leave();
    this.element.remove();
    this.#options.onChange();
  }

  /** Stops whatever goes on and wipes what the server has of an unfinished job; of any job when it is taken away. */
  leave({ keepsResult = false } = {}): void {
    this.#stop.abort();
    this.#events?.close();
    this.#stage?.close();
    if (this.#id !== null && !(keepsResult && this.outcome !== null)) wipe(this.#id);
  }

  /** Sends until the server has room. */
  async #upload(): Promise<JobView> {
    for (;;) {
      this.#say("Uploading", 0);
      try {
        return await sendFile(this.#file, {
          signal: this.#stop.signal,
          onProgress: (share) => this.#say(`Uploading, ${Math.round(100 * share)}%`, share),
        });
      } catch (error) {
        const { retryAfterSec } = error as Refusal;
        if (retryAfterSec === null) throw error;
        await this.#wait(retryAfterSec);
      }
    }
  }

  async #wait(seconds: number): Promise<void> {
    for (let left = seconds; left > 0 && !this.#stop.signal.aborted; left--) {
      this.#say(`The server is busy: trying again in ${left} s`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    if (this.#stop.signal.aborted) throw new Refusal("JOB_CANCELLED", "Cancelled.");
  }

  #watch(job: JobView): void {
    this.#id = job.id;
    let total: number | null = null;
    let live: LiveView | null = null;
    let count = 0;
    let isImage = false;
    this.#stage = new Stage(this.#file, () => this.#player?.useStandIn());
    this.#events = listen(job.id, {
      onStatus: (status) => {
        total = status.total ?? total;
        isImage = status.kind === "image";
        if (status.state === "queued") this.#say(queueSentence(status.ahead ?? 0));
        else if (status.state === "running" && count === 0) this.#say("Looking for faces");
      },
      onFrame: (frame) => {
        if (!live) {
          const { threshold, clipThreshold } = this.#options.health;
          live = new LiveView(this.#stage!, isImage ? threshold : clipThreshold);
          this.#body.replaceChildren(live.element);
        }
        live.add(frame, total);
        count++;
        this.#say(
          total ? `Looking at frame ${count} of ${total}` : `Looking at frame ${count}`,
          total ? count / total : undefined,
        );
      },
      onEnd: (ended) => this.#end(ended),
      onLost: () =>
        this.#fail(new Refusal("JOB_MISSING", "The server no longer knows this file: send it again.")),
    });
  }

  #end(job: JobView): void {
    const report = job.report as Report;
    if ("error" in report) {
      this.#fail(new Refusal(report.error.code, report.error.message));
      return;
    }
    this.#settle(report.verdict);
    this.#player = new Player(job, report, this.#stage!);
    const faces = facesSection(job, report, (timeSec) => {
      this.#player!.showTime(timeSec);
      this.#player!.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    if (faces) this.#player.element.append(faces);
    const parts = [
      verdictBanner(report),
      origin(report),
      ...warnings(report),
      this.#player.element,
      stability(report),
      details(report),
      downloads(job.id, this.#file.name),
    ];
    this.#body.replaceChildren(...parts.filter((part) => part !== null));
    this.#options.announce(`${this.#file.name}: ${report.verdict}. ${verdictSentence(report)}`);
  }

  #fail({ code, message }: Refusal): void {
    this.#stage?.close();
    this.#settle("failed");
    this.#body.replaceChildren(
      h(
        "div",
        { class: "verdict failed" },
        svg(
          "svg",
          { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
          svg("path", { d: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0Z" }),
          svg("path", { class: "cut", d: "m8.5 8.5 7 7m0-7-7 7" }),
        ),
        h(
          "div",
          {},
          h("p", { class: "sentence" }, "This file could not be looked at."),
          h("p", {}, message),
          h("p", { class: "key" }, code),
        ),
      ),
    );
    this.#options.announce(`${this.#file.name} could not be looked at. ${message}`);
  }

  #settle(outcome: Outcome): void {
    this.outcome = outcome;
    this.element.setAttribute("aria-busy", "false");
    this.#progress.parentElement!.remove();
    this.#remove.textContent = "Remove";
    this.#remove.setAttribute("aria-label", `Remove ${this.#file.name}`);
    this.#options.onChange();
  }

  /** @param share of the work; left out where nobody knows */
  #say(phase: string, share?: number): void {
    this.#phase.textContent = phase;
    if (share === undefined) this.#progress.removeAttribute("value");
    else this.#progress.value = share;
  }
}

function queueSentence(ahead: number): string {
  if (ahead === 0) return "Next in line";
  return ahead === 1 ? "1 file is before it" : `${ahead} files are before it`;
}

function downloads(id: string, name: string): HTMLElement {
  const link = (kind: string, rest: string, what: string) =>
    h(
      "a",
      { href: jobUrl(id, rest), download: `${name}.telltale.${kind}`, "aria-label": `${what} of ${name}` },
      kind.toUpperCase(),
    );
  return h(
    "p",
    { class: "downloads" },
    h(
      "a",
      { class: "button", href: jobUrl(id, "report.html"), target: "_blank", rel: "noopener" },
      "Open the report",
    ),
    h("span", {}, "Save it as"),
    link("html", "report.html?download=1", "Report as HTML"),
    link("json", "report.json", "Report as JSON"),
    link("csv", "report.csv", "Report as CSV"),
  );
}
