import { formatClock, showScore } from "../../report/sentences.ts";
import { reasonWords, verdictWords } from "../../report/words.ts";
import { h } from "./dom.ts";
import type { Entry } from "./entry.ts";
import { jobUrl } from "./server.ts";
import { outcomeIcon } from "./verdict.ts";
import { refusalWords, size } from "./words.ts";

export interface RowOptions {
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}

/** One file in the list: what it is, what was found, why. */
export class Row {
  readonly element: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly #entry: Entry;
  readonly #picture = h("span", { class: "row-picture" });
  readonly #finding = h("span", { class: "row-finding" });
  readonly #length = h("span", { class: "row-length" });
  readonly #remove: HTMLButtonElement;

  constructor(entry: Entry, { onOpen, onRemove }: RowOptions) {
    this.#entry = entry;
    const name = h("span", { class: "row-name" }, h("bdi", {}, entry.name));
    this.button = h(
      "button",
      { class: "row-open", type: "button", onclick: onOpen },
      this.#picture,
      h("span", { class: "row-text" }, name, " ", this.#finding),
      this.#length,
    );
    this.#remove = h("button", { class: "quiet", type: "button", onclick: onRemove });
    this.element = h("li", { class: "row" }, this.button, this.#remove);
    this.update();
  }

  /** Shows the entry as it is now. */
  update(): void {
    const { outcome, finding, id, bytes, name } = this.#entry;
    this.element.className = `row ${outcome === null ? "open" : `settled ${outcome}`}`;
    this.#remove.textContent = outcome === null ? "Cancel" : "Delete";
    this.#remove.setAttribute("aria-label", `${this.#remove.textContent} ${name}`);
    this.#length.textContent = finding?.durationSec == null ? size(bytes) : formatClock(finding.durationSec);
    this.#finding.replaceChildren(...(outcome === null ? this.#progress() : this.#result()));
    if (id !== null && finding?.thumbnail && this.#picture.childElementCount === 0) {
      const src = jobUrl(id, `pictures/${finding.thumbnail}`);
      const image = h("img", { src, alt: "", loading: "lazy", width: 72, height: 54 });
      image.addEventListener("error", () => image.remove());
      this.#picture.append(image);
    }
  }

  #progress(): Node[] {
    const { phase, share } = this.#entry.progress;
    const bar = h("progress", { max: 1, "aria-label": `Progress of ${this.#entry.name}` });
    if (share !== null) bar.value = share;
    return [h("span", { class: "phase" }, phase), bar];
  }

  #result(): Node[] {
    const { outcome, finding, refusal } = this.#entry;
    if (outcome === "failed" || finding?.verdict == null) {
      const why = refusal ?? (finding?.error ? refusalWords(finding.error) : "");
      return [
        outcomeIcon("failed"),
        h("strong", { class: "failed" }, "Not analyzed"),
        h("span", { class: "key" }, why),
      ];
    }
    const { verdict, reason, authenticity, threshold } = finding;
    const why = [
      ...(reason === null ? [] : [reasonWords[reason]]),
      ...(authenticity === null || threshold === null ? [] : [showScore(authenticity, threshold)]),
    ];
    return [
      outcomeIcon(verdict),
      h("strong", { class: verdict }, verdictWords[verdict]),
      h("span", { class: "key" }, why.join(", ")),
    ];
  }
}
