/** Filtering: shows and hides what is already on the page, and makes no HTML of texts. */
export const auditScript = `
const form = document.querySelector("[data-filters]");
const files = [...document.querySelectorAll("[data-file]")];
const apply = () => {
  const wanted = new Set([...form.querySelectorAll("[data-outcome]:checked")].map((box) => box.value));
  const kind = form.querySelector("[data-kind]").value;
  const says = form.querySelector("select[data-says]").value;
  const name = form.querySelector("[data-name]").value.trim().toLowerCase();
  let shown = 0;
  for (const file of files) {
    const isShown =
      wanted.has(file.dataset.is) &&
      (kind === "" || file.dataset.of === kind) &&
      (says === "" || file.dataset.says.split(" ").includes(says)) &&
      file.querySelector(".path").textContent.toLowerCase().includes(name);
    file.hidden = !isShown;
    shown += isShown;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-file]:not([hidden])");
  }
  document.querySelector("[data-nothing]").hidden = shown > 0;
  form.querySelector("[data-shown]").textContent = shown + " of " + files.length + " shown";
};
if (files.length > 0) {
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
`;
