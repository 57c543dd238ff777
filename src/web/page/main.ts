import type { Health } from "../job-schema.ts";
import { Card, type Outcome } from "./card.ts";
import { h } from "./dom.ts";
import { dropZone } from "./drop-zone.ts";
import { askHealth, type Refusal } from "./server.ts";
import { signInForm } from "./sign-in.ts";

/** One arrives while another is on its way: more only share the same line. */
const UPLOADS_AT_ONCE = 2;

const outcomeWords: Readonly<Record<Outcome, string>> = {
  forged: "forged",
  inconclusive: "inconclusive",
  authentic: "authentic",
  failed: "could not be looked at",
};

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
    else run(health);
  } catch (error) {
    const retry = h("button", { class: "button", type: "button", onclick: () => void start() }, "Try again");
    app.replaceChildren(h("p", { class: "notice" }, (error as Refusal).message), retry);
  }
}

function run(health: Health): void {
  const cards = new Set<Card>();
  const waiting: Card[] = [];
  let sending = 0;
  const list = h("div", { class: "cards" });
  const summary = h("p", { class: "summary" });

  const summarise = () => {
    for (const card of cards) if (!card.element.isConnected) cards.delete(card);
    const counts = Object.entries(outcomeWords).flatMap(([outcome, words]) => {
      const count = [...cards].filter((card) => card.outcome === outcome).length;
      return count === 0 ? [] : [h("span", { class: `chip ${outcome}` }, `${count} ${words}`)];
    });
    const open = [...cards].filter((card) => card.outcome === null).length;
    if (open > 0) counts.push(h("span", { class: "chip" }, `${open} under way`));
    summary.replaceChildren(...(cards.size > 1 ? [`${cards.size} files: `, ...counts] : []));
    zone.classList.toggle("small", cards.size > 0);
  };

  const next = async (): Promise<void> => {
    if (sending >= UPLOADS_AT_ONCE) return;
    const card = waiting.shift();
    if (!card) return;
    sending++;
    if (cards.has(card)) await card.send();
    sending--;
    void next();
  };

  const take = (files: readonly File[]) => {
    for (const file of files) {
      const card = new Card(file, {
        health,
        announce: (sentence) => {
          announcer.textContent = sentence;
        },
        onChange: summarise,
      });
      cards.add(card);
      list.append(card.element);
      waiting.push(card);
    }
    summarise();
    for (const _ of files) void next();
  };

  const zone = dropZone(health, take);
  app.replaceChildren(zone, summary, list);
  // Whoever leaves wants no answer any more, and the server has others to serve.
  addEventListener("pagehide", (event) => {
    if (!event.persisted) for (const card of cards) card.leave({ keepsResult: true });
  });
}
