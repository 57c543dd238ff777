import { h } from "./dom.ts";
import { type Refusal, signIn } from "./server.ts";

/** The form where the server asks for its token; calls `enter` once it is right. */
export function signInForm(enter: () => void): HTMLElement {
  const input = h("input", {
    ...{ type: "password", id: "token", autocomplete: "current-password", required: true },
    "aria-describedby": "token-error",
  });
  const error = h("p", { class: "form-error", id: "token-error", role: "alert" });
  const form = h(
    "form",
    { class: "sign-in" },
    h("h2", {}, "This server asks for a token"),
    h("label", { for: "token" }, "Token"),
    h("div", { class: "row" }, input, h("button", { class: "button", type: "submit" }, "Enter")),
    error,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(input.value).then(enter, (refusal: Refusal) => {
      error.textContent = refusal.message;
      input.select();
    });
  });
  return form;
}
