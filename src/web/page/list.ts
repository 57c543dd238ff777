import { verdictWords } from "../../report/words.ts";
import { h } from "./dom.ts";
import type { Entry } from "./entry.ts";
import { Row } from "./row.ts";
import type { Outcome } from "./verdict.ts";

type Filter = Outcome | "open" | "all";

const filterWords: Readonly<Record<Filter, string>> = {
  all: "All",
  ...verdictWords,
  failed: "Not analyzed",
  open: "Under way",
};
const filters: readonly Filter[] = ["all", "forged", "inconclusive", "authentic", "failed", "open"];

/** The most urgent first; what is under way has no place yet. */
const ranks: Readonly<Record<Outcome | "open", number>> = {
  forged: 0,
  inconclusive: 1,
  failed: 2,
  authentic: 3,
  open: 4,
};

export interface ListOptions {
  readonly onOpen: (entry: Entry) => void;
  readonly onRemove: (entries: readonly Entry[]) => void;
}

/** All files, a row each: counted, filtered, sorted, and walked through by arrow keys. */
export class FileList {
  readonly element: HTMLElement;
  readonly #rows = new Map<Entry, Row>();
  readonly #options: ListOptions;
  readonly #list = h("ul", { class: "rows", "aria-label": "Files" });
  readonly #chips = h("div", { class: "chips", role: "group", "aria-label": "Show" });
  readonly #sort: HTMLSelectElement;
  readonly #tools: HTMLElement;
  #filter: Filter = "all";
  #isArranging = false;

  constructor(options: ListOptions) {
    this.#options = options;
    this.#sort = h(
      "select",
      { id: "sort", onchange: () => this.#arrange() },
      h("option", { value: "added" }, "as added"),
      h("option", { value: "finding" }, "by finding"),
      h("option", { value: "name" }, "by name"),
    );
    const removeAll = () => this.#options.onRemove([...this.#rows.keys()]);
    this.#tools = h(
      "div",
      { class: "tools" },
      h("label", { for: "sort" }, "Sort "),
      this.#sort,
      h("span", { class: "spacer" }),
      h("a", { href: "api/reports.csv", download: "telltale-reports.csv" }, "All results as CSV"),
      h("a", { href: "api/reports.json", download: "telltale-reports.jsonl" }, "All as JSON"),
      h("button", { class: "quiet", type: "button", onclick: removeAll }, "Delete all"),
    );
    this.element = h(
      "section",
      { class: "files", "aria-label": "Results" },
      this.#chips,
      this.#tools,
      this.#list,
    );
    this.element.addEventListener("keydown", (event) => this.#walk(event));
    this.#arrange();
  }

  add(entry: Entry): void {
    const row = new Row(entry, {
      onOpen: () => this.#options.onOpen(entry),
      onRemove: () => this.#options.onRemove([entry]),
    });
    this.#rows.set(entry, row);
    this.#arrangeSoon();
  }

  update(entry: Entry): void {
    this.#rows.get(entry)?.update();
    this.#arrangeSoon();
  }

  delete(entry: Entry): void {
    const row = this.#rows.get(entry);
    const next = row?.element.nextElementSibling ?? row?.element.previousElementSibling;
    if (row?.element.contains(document.activeElement)) next?.querySelector<HTMLElement>(".row-open")?.focus();
    row?.element.remove();
    this.#rows.delete(entry);
    this.#arrangeSoon();
  }

  /** Puts the focus on a file's row. */
  focus(entry: Entry): void {
    this.#rows.get(entry)?.button.focus();
  }

  // Many files change in one go: they are put in order once.
  #arrangeSoon(): void {
    if (this.#isArranging) return;
    this.#isArranging = true;
    requestAnimationFrame(() => {
      this.#isArranging = false;
      this.#arrange();
    });
  }

  #arrange(): void {
    const entries = [...this.#rows.keys()];
    const isEmpty = entries.length === 0;
    this.element.hidden = isEmpty;
    this.#tools.hidden = entries.length < 2;
    this.#drawChips(entries);
    const shown = entries.filter((entry) => this.#filter === "all" || stateOf(entry) === this.#filter);
    const rows = shown
      .sort(orders[this.#sort.value] ?? orders.added)
      .map((entry) => this.#rows.get(entry)!.element);
    const current = [...this.#list.children];
    // Moving nothing keeps the focus and the scrolled place.
    if (rows.length !== current.length || rows.some((row, i) => row !== current[i])) {
      const focused = document.activeElement as HTMLElement | null;
      this.#list.replaceChildren(...rows);
      if (focused && this.#list.contains(focused)) focused.focus();
    }
  }

  #drawChips(entries: readonly Entry[]): void {
    const counts = new Map<Filter, number>([["all", entries.length]]);
    for (const entry of entries) counts.set(stateOf(entry), (counts.get(stateOf(entry)) ?? 0) + 1);
    if (!counts.has(this.#filter)) this.#filter = "all";
    const shown = entries.length < 2 ? [] : filters.filter((filter) => counts.has(filter));
    const text = shown.map((filter) => `${filter}${counts.get(filter)}${filter === this.#filter}`).join();
    if (text === this.#chips.dataset.text) return;
    this.#chips.dataset.text = text;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.filter;
    this.#chips.replaceChildren(
      ...shown.map((filter) =>
        h(
          "button",
          {
            ...{ class: `chip ${filter}`, type: "button", "data-filter": filter },
            "aria-pressed": String(filter === this.#filter),
            onclick: () => {
              this.#filter = filter;
              this.#arrange();
            },
          },
          h("strong", {}, String(counts.get(filter))),
          ` ${filterWords[filter]}`,
        ),
      ),
    );
    if (focused) this.#chips.querySelector<HTMLElement>(`[data-filter=${focused}]`)?.focus();
  }

  #walk(event: KeyboardEvent): void {
    const row = (event.target as Element).closest(".row");
    if (!row) return;
    const to = {
      ArrowDown: row.nextElementSibling,
      ArrowUp: row.previousElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
    }[event.key];
    if (to) to.querySelector<HTMLElement>(".row-open")?.focus();
    else if (event.key === "Delete") row.querySelector<HTMLElement>(".quiet")?.click();
    if (to || event.key === "Delete") event.preventDefault();
  }
}

function stateOf(entry: Entry): Outcome | "open" {
  return entry.outcome ?? "open";
}

type Order = (a: Entry, b: Entry) => number;

const orders: Readonly<Record<string, Order> & { added: Order }> = {
  // A Map keeps the order in which it was filled, and sorting is stable.
  added: () => 0,
  finding: (a, b) =>
    ranks[stateOf(a)] - ranks[stateOf(b)] ||
    (a.finding?.authenticity ?? 2) - (b.finding?.authenticity ?? 2) ||
    a.name.localeCompare(b.name),
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
};
