// Starts the page: fetches the run, then draws whenever the state or an answer changes.

import { createAnswers } from "./answers.js";
import { createContexts } from "./context.js";
import { make } from "./dom.js";
import { createFrame } from "./frame.js";
import { bindKeyboard } from "./keyboard.js";
import { languageOf, translator } from "./language.js";
import { createSource } from "./source.js";
import { createStore } from "./state.js";
import { WIDE } from "./toolbar.js";
import { viewIsThere } from "./views.js";

async function boot() {
  const page = /** @type {HTMLElement} */ (document.getElementById("page"));
  const store = createStore();
  const t = translator(languageOf(store.state));
  page.replaceChildren(make("p", { class: "boot", role: "status" }, t("status.loading")));
  try {
    const source = createSource();
    const run = await source.request("/api/run");
    await viewIsThere(store.state);
    start(page, store, source, run);
  } catch (error) {
    const key = `error.${error.code}`;
    const message = t.has(key) ? t(key) : t("error.internal");
    page.replaceChildren(make("div", { class: "boot", role: "alert" },
      make("p", null, message),
      make("button", { type: "button", on: { click: boot } }, t("status.retry"))));
    if (!error.code) throw error; // a mistake of ours belongs in the console
  }
}

/** @param {Run} run */
function start(page, store, source, run) {
  let isWaiting = false;
  // Several changes of one moment are drawn once.
  const redraw = () => {
    if (isWaiting) return;
    isWaiting = true;
    queueMicrotask(() => {
      isWaiting = false;
      const began = performance.now();
      draw();
      performance.measure("draw", { start: began });
    });
  };
  const answers = createAnswers(source, redraw);
  const frame = createFrame(page, answers, redraw);
  const contextNow = createContexts(run, source, answers, store, frame.announce);
  const draw = () => frame.draw(contextNow());
  store.subscribe(redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => frame.repaint());
  matchMedia(WIDE).addEventListener("change", () => frame.repaint());
  bindKeyboard(contextNow);
  draw();
}

boot();
