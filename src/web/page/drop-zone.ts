import type { Health } from "../job-schema.ts";
import { h, svg } from "./dom.ts";
import { duration, size } from "./words.ts";

/** Where files are dropped or picked; the whole window takes them too. */
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
  const zone = h(
    "section",
    { class: "drop", "aria-label": "Choose files" },
    svg(
      "svg",
      { class: "drop-icon", viewBox: "0 0 48 48", "aria-hidden": "true" },
      svg("path", { d: "M24 31V11m0 0-8 8m8-8 8 8M9 30v5a4 4 0 0 0 4 4h22a4 4 0 0 0 4-4v-5" }),
    ),
    h("p", { class: "drop-title" }, "Drop videos or pictures here"),
    input,
    h("label", { class: "button", for: "files" }, "Choose files"),
    h(
      "p",
      { class: "key" },
      `Up to ${size(limits.maxBytes)} and ${duration(limits.maxSec)} each. A file stays on this server until it is judged and is then deleted; its report is wiped after ${duration(keepMinutes * 60)}.`,
    ),
  );
  let depth = 0;
  const over = (isOver: boolean) => zone.classList.toggle("over", isOver);
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
    take([...(event.dataTransfer?.files ?? [])]);
  });
  return zone;
}
