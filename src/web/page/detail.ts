import type { Report } from "../../report/schema.ts";
import type { Health, JobView } from "../job-schema.ts";
import { details, stability, warnings } from "./details.ts";
import { h } from "./dom.ts";
import type { Entry } from "./entry.ts";
import { facesSection } from "./faces.ts";
import { LiveView } from "./live-view.ts";
import { Player } from "./player.ts";
import { origin } from "./provenance.ts";
import { askJob, jobUrl, listen, type Refusal } from "./server.ts";
import { Stage } from "./stage.ts";
import { failureBanner, verdictBanner } from "./verdict.ts";
import { refusalWords, size } from "./words.ts";

export interface DetailOptions {
  readonly health: Health;
  readonly onBack: () => void;
  readonly onRemove: () => void;
}

/** One file that is open: its picture and timeline while it is analyzed, then everything about it. */
export class Detail {
  readonly element: HTMLElement;
  readonly entry: Entry;
  readonly #health: Health;
  readonly #stage: Stage;
  readonly #phase = h("p", { class: "phase" });
  readonly #progress = h("progress", { max: 1 });
  readonly #status: HTMLElement;
  readonly #body = h("div", { class: "body" });
  readonly #heading: HTMLElement;
  readonly #remove: HTMLButtonElement;
  #player: Player | null = null;
  #events: { close(): void } | null = null;
  #isSettled = false;

  constructor(entry: Entry, { health, onBack, onRemove }: DetailOptions) {
    this.entry = entry;
    this.#health = health;
    this.#stage = new Stage(entry.file, () => this.#player?.useStandIn());
    this.#progress.setAttribute("aria-label", `Progress of ${entry.name}`);
    this.#status = h("div", { class: "status" }, this.#phase, this.#progress);
    this.#remove = h("button", { class: "quiet", type: "button", onclick: onRemove });
    this.#heading = h("h2", { tabindex: -1 }, h("bdi", {}, entry.name));
    this.element = h(
      "article",
      { class: "detail" },
      h("button", { class: "quiet back", type: "button", onclick: onBack }, "Back to all files"),
      h("header", {}, this.#heading, h("span", { class: "size" }, size(entry.bytes)), this.#remove),
      this.#status,
      this.#body,
    );
    this.update(entry);
  }

  /** Puts the focus where a reader begins. */
  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }

  /** Shows the entry as it is now, if it is the one that is open. */
  update(entry: Entry): void {
    if (entry !== this.entry || this.#isSettled) return;
    const { outcome, id } = entry;
    this.#remove.textContent = outcome === null ? "Cancel" : "Delete";
    this.#remove.setAttribute("aria-label", `${this.#remove.textContent} ${entry.name}`);
    if (outcome === null) {
      const { phase, share } = entry.progress;
      this.#phase.textContent = phase;
      if (share === null) this.#progress.removeAttribute("value");
      else this.#progress.value = share;
      if (id !== null && this.#events === null) this.#watch(id);
      return;
    }
    this.#isSettled = true;
    this.#events?.close();
    if (entry.refusal !== null || id === null) this.#fail(entry.refusal ?? "");
    else void this.#load(id);
  }

  /** Lets go of the file and the connection; the job goes on. */
  close(): void {
    this.#isSettled = true;
    this.#events?.close();
    this.#stage.close();
  }

  #watch(id: string): void {
    let total: number | null = null;
    let live: LiveView | null = null;
    let isImage = false;
    this.#events = listen(id, {
      onStatus: (status) => {
        total = status.total ?? total;
        isImage = status.kind === "image";
      },
      onFrame: (frame) => {
        if (live === null) {
          const { threshold, clipThreshold } = this.#health;
          live = new LiveView(this.#stage, isImage ? threshold : clipThreshold);
          this.#body.replaceChildren(live.element);
        }
        live.add(frame, total);
      },
      // The list asks the server too, and tells of the end.
      onEnd: () => {},
      onLost: () => {},
    });
  }

  async #load(id: string): Promise<void> {
    try {
      this.#show(await askJob(id));
    } catch (error) {
      this.#fail(refusalWords(error as Refusal));
    }
  }

  #show(job: JobView): void {
    const report = job.report as Report;
    if ("error" in report) {
      this.#fail(refusalWords(report.error));
      return;
    }
    this.#status.remove();
    const player = new Player(job, report, this.#stage);
    this.#player = player;
    const faces = facesSection(job, report, (timeSec) => {
      player.showTime(timeSec);
      player.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    if (faces) player.addFaces(faces);
    // One call a section; null where there is nothing to show.
    const sections = [
      verdictBanner(report),
      origin(report),
      ...warnings(report),
      player.element,
      stability(report),
      details(report),
      downloads(job.id, this.entry.name),
    ];
    this.#body.replaceChildren(...sections.filter((section) => section !== null));
  }

  #fail(sentence: string): void {
    this.#status.remove();
    this.#stage.close();
    this.#body.replaceChildren(failureBanner(sentence));
  }
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
    h(
      "span",
      { class: "formats" },
      "Save it as",
      link("html", "report.html?download=1", "Report as HTML"),
      link("json", "report.json", "Report as JSON"),
      link("csv", "report.csv", "Report as CSV"),
    ),
  );
}
