import { verdictWords } from "../../report/words.ts";
import type { Health } from "../job-schema.ts";
import { Detail } from "./detail.ts";
import { h } from "./dom.ts";
import { dropZone } from "./drop-zone.ts";
import { Entry } from "./entry.ts";
import { FileList } from "./list.ts";
import { askHealth, askJobs, type Refusal } from "./server.ts";
import { signInForm } from "./sign-in.ts";

/** One arrives while another is on its way: more only share the same line. */
const UPLOADS_AT_ONCE = 2;
/** How often the server is asked how far the files are. Milliseconds. */
const POLL_MS = 1000;

const app = document.querySelector<HTMLElement>("#app")!;
const announcer = document.querySelector<HTMLElement>("#announcer")!;

void start();

async function start(): Promise<void> {
  try {
    const health = await askHealth();
    const { name, version } = health.model;
    document.querySelector("#about")!.textContent =
      `Telltale ${health.version}, model ${name} ${version}. This page asks nothing of any other server.`;
    if (health.needsToken) app.replaceChildren(signInForm(() => void start()));
    else await new Files(health).open();
  } catch (error) {
    const retry = h("button", { class: "button", type: "button", onclick: () => void start() }, "Try again");
    app.replaceChildren(h("p", { class: "notice" }, (error as Refusal).message), retry);
  }
}

/** The files of this reader: those chosen here, and those that the server has from before or from another tab. */
class Files {
  readonly #health: Health;
  readonly #entries = new Set<Entry>();
  readonly #waiting: Entry[] = [];
  readonly #list: FileList;
  readonly #zone: HTMLElement;
  readonly #place = h("div", {});
  // Tells other tabs that something has changed.
  readonly #tabs = new BroadcastChannel("telltale");
  #sending = 0;
  #detail: Detail | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(health: Health) {
    this.#health = health;
    this.#list = new FileList({
      onOpen: (entry) => this.#open(entry),
      onRemove: (entries) => void this.#remove(entries),
    });
    this.#zone = dropZone(health, (files) => this.#take(files));
  }

  async open(): Promise<void> {
    app.replaceChildren(this.#zone, this.#list.element, this.#place);
    this.#tabs.addEventListener("message", () => void this.#refresh());
    document.addEventListener("visibilitychange", () => void this.#refresh());
    addEventListener("online", () => void this.#refresh());
    addEventListener("hashchange", () => this.#route());
    addEventListener("beforeunload", (event) => {
      // What the server has goes on without this page; what it has not is lost.
      if ([...this.#entries].some((entry) => entry.isUploading)) event.preventDefault();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#detail !== null) this.#leave();
    });
    await this.#refresh();
    this.#route();
  }

  #take(files: readonly File[]): void {
    if (files.length === 0) return;
    const added = files.map((file) => this.#add(new Entry(file, (entry) => this.#changed(entry))));
    this.#waiting.push(...added);
    this.#arrange();
    for (const _ of files) void this.#sendNext();
    if (this.#entries.size === 1) this.#show(added[0]!);
    else this.#leave();
  }

  #leave(): void {
    if (location.hash === "") this.#close();
    else location.hash = "";
  }

  #add(entry: Entry): Entry {
    this.#entries.add(entry);
    this.#list.add(entry);
    return entry;
  }

  async #sendNext(): Promise<void> {
    if (this.#sending >= UPLOADS_AT_ONCE) return;
    const entry = this.#waiting.shift();
    if (!entry) return;
    this.#sending++;
    if (this.#entries.has(entry)) await entry.send(this.#health.limits.maxBytes);
    this.#sending--;
    // It may have been seen on the server before the answer to its upload came.
    for (const other of this.#entries) {
      if (other !== entry && other.id !== null && other.id === entry.id) this.#forget(other);
    }
    if (this.#detail?.entry === entry && entry.id) history.replaceState(null, "", `#${entry.id}`);
    this.#tabs.postMessage("changed");
    void this.#refresh();
    void this.#sendNext();
  }

  /** Asks the server what it has, and asks again while something goes on. */
  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const asked = new Set([...this.#entries].flatMap(({ id }) => id ?? []));
    const jobs = await askJobs().catch(() => null);
    if (jobs !== null) {
      const known = new Map(
        [...this.#entries].flatMap((entry) => (entry.id ? [[entry.id, entry]] : [])) as [string, Entry][],
      );
      for (const job of jobs) {
        const entry = known.get(job.id);
        if (entry) entry.update(job);
        else this.#add(new Entry(job, (one) => this.#changed(one)));
        known.delete(job.id);
      }
      for (const entry of known.values()) {
        // One that came to the server after the question is not in the answer yet.
        if (!asked.has(entry.id!)) continue;
        if (entry.outcome === null && entry.file !== null) entry.lose();
        else if (entry.refusal === null) this.#forget(entry);
      }
      this.#arrange();
    }
    clearTimeout(this.#timer);
    const isOpen =
      jobs === null || [...this.#entries].some(({ id, outcome }) => id !== null && outcome === null);
    if (isOpen) this.#timer = setTimeout(() => void this.#refresh(), POLL_MS);
  }

  async #remove(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.#forget(entry);
    this.#arrange();
    await Promise.all(entries.map((entry) => entry.remove()));
    this.#tabs.postMessage("changed");
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry);
    this.#list.delete(entry);
    if (this.#detail?.entry === entry) this.#leave();
  }

  #changed(entry: Entry): void {
    if (!this.#entries.has(entry)) return;
    this.#list.update(entry);
    this.#detail?.update(entry);
    const { outcome } = entry;
    if (outcome === null) return;
    const words = outcome === "failed" ? "could not be analyzed." : `${verdictWords[outcome]}.`;
    announcer.textContent = `${entry.name}: ${words}`;
  }

  #open(entry: Entry): void {
    if (entry.id === null) this.#show(entry);
    else location.hash = entry.id;
  }

  // The address names the file that is open: back, forward and reload do what a reader expects.
  #route(): void {
    const id = location.hash.slice(1);
    const entry = [...this.#entries].find((one) => one.id === id);
    if (entry) this.#show(entry);
    else this.#close();
  }

  #show(entry: Entry): void {
    if (this.#detail?.entry === entry) return;
    this.#detail?.close();
    this.#detail = new Detail(entry, {
      health: this.#health,
      onBack: () => this.#leave(),
      onRemove: () => void this.#remove([entry]),
    });
    this.#place.replaceChildren(this.#detail.element);
    this.#arrange();
    scrollTo(0, 0);
    this.#detail.focus();
  }

  #close(): void {
    const entry = this.#detail?.entry;
    this.#detail?.close();
    this.#detail = null;
    this.#place.replaceChildren();
    this.#arrange();
    if (entry) this.#list.focus(entry);
  }

  #arrange(): void {
    const isOpen = this.#detail !== null;
    document.body.classList.toggle("has-files", this.#entries.size > 0);
    document.body.classList.toggle("has-detail", isOpen);
  }
}
