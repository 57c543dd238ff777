/**
 * Scrubbing: the slider, the charts and the strip all show the same frame. Without it the page still shows everything.
 *
 * Plain text, since it goes into the page as it is; it only moves what is already there and makes no HTML of texts.
 */
export const script = `
for (const file of document.querySelectorAll("article")) {
  const scrubber = file.querySelector("[data-scrubber]");
  if (!scrubber) continue;
  const slider = scrubber.querySelector("input");
  const stage = scrubber.querySelector("[data-stage]");
  const caption = scrubber.querySelector("[data-caption]");
  const strip = file.querySelector(".strip");
  const shots = [...strip.children];
  const charts = [...file.querySelectorAll("[data-chart]")];
  const show = (i, isFollowed) => {
    const shot = shots[i];
    stage.replaceChildren(shot.querySelector(".shot").cloneNode(true));
    caption.textContent = shot.dataset.text;
    slider.value = i;
    slider.setAttribute("aria-valuetext", shot.dataset.text);
    for (const other of shots) other.removeAttribute("aria-current");
    shot.setAttribute("aria-current", "true");
    for (const chart of charts) {
      const cursor = chart.querySelector(".cursor");
      cursor.hidden = false;
      cursor.style.left = shot.dataset.x + "%";
    }
    if (isFollowed) strip.scrollLeft = shot.offsetLeft - strip.offsetLeft - (strip.clientWidth - shot.clientWidth) / 2;
  };
  slider.addEventListener("input", () => show(Number(slider.value), true));
  for (const [i, shot] of shots.entries()) shot.addEventListener("click", () => show(i, false));
  for (const chart of charts) {
    chart.addEventListener("pointermove", (event) => {
      const area = chart.getBoundingClientRect();
      const x = (100 * (event.clientX - area.left)) / area.width;
      const away = (i) => Math.abs(Number(shots[i].dataset.x) - x);
      show(shots.reduce((best, _, i) => (away(i) < away(best) ? i : best), 0), true);
    });
  }
  scrubber.hidden = false;
  const lowest = shots.findIndex((shot) => shot.hasAttribute("data-lowest"));
  show(Math.max(0, lowest), true);
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
`;
