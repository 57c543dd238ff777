import type { Health } from "../job-schema.ts";
import { h, svg } from "./dom.ts";
import { fetchSample, type Refusal } from "./server.ts";
import { duration, size } from "./words.ts";

/** Where files are dropped, pasted or picked; the whole window takes them. */
export function dropZone(
  { limits, keepMinutes }: Health,
  take: (files: readonly File[]) => void,
): HTMLElement {
  const input = h("input", {
    class: "unseen",
    type: "file",
    multiple: true,
    id: "files",
    accept: "video/*,image/*",
  });
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    // The same file may be picked again.
    input.value = "";
  });
  const notice = h("p", { class: "notice", role: "alert", hidden: true });
  const say = (sentence: string) => {
    notice.textContent = sentence;
    notice.hidden = sentence === "";
  };
  const takeAll = (files: readonly File[]) => {
    say("");
    take(files);
  };
  const sample = h(
    "button",
    {
      ...{ class: "link", type: "button" },
      onclick: () =>
        void fetchSample().then(
          (file) => takeAll([file]),
          ({ message }: Refusal) => say(message),
        ),
    },
    "Try a sample",
  );
  const zone = h(
    "section",
    { class: "drop", "aria-label": "Choose files" },
    svg(
      "svg",
      { class: "drop-icon", viewBox: "0 0 48 48", "aria-hidden": "true" },
      svg("path", { d: "M24 31V11m0 0-8 8m8-8 8 8M9 30v5a4 4 0 0 0 4 4h22a4 4 0 0 0 4-4v-5" }),
    ),
    h("p", { class: "drop-title for-mouse" }, "Drop videos or pictures here, or paste them"),
    h("p", { class: "drop-title for-touch" }, "Videos or pictures to analyze"),
    h(
      "p",
      { class: "choices" },
      input,
      h("label", { class: "button", for: "files" }, "Choose files"),
      " ",
      sample,
    ),
    h(
      "p",
      { class: "key" },
      `Up to ${size(limits.maxBytes)} and ${duration(limits.maxSec)} each. The server deletes a file after its analysis and its result after ${duration(keepMinutes * 60)}.`,
    ),
    notice,
  );
  let depth = 0;
  const over = (isOver: boolean) => document.body.classList.toggle("over", isOver);
  addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    over(true);
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    over(depth > 0);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    takeAll([...(event.dataTransfer?.files ?? [])]);
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (files.length > 0) takeAll(files);
    else if (/^https?:\/\//i.test(text.trim()) && !(event.target instanceof HTMLInputElement)) {
      say("This page opens no addresses. Download the file first, then choose it here.");
    }
  });
  return zone;
}
