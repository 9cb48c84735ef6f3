// One tab for each view.

import { make } from "./dom.js";
import { VIEWS } from "./views.js";

/** @param {PageContext} context */
export function drawTabs({ t, state, patch }) {
  const now = Math.max(VIEWS.findIndex(({ id }) => id === state.view), 0);
  const go = (place) => {
    const view = VIEWS[(place + VIEWS.length) % VIEWS.length];
    patch({ view: view.id });
    queueMicrotask(() => document.getElementById(`tab-${view.id}`)?.focus());
  };
  const onKey = (event) => {
    const moves = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: VIEWS.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  };
  queueMicrotask(showTab);
  return make("div", { role: "tablist", "aria-label": t("tabs"), on: { keydown: onKey } },
    VIEWS.map(({ id }, i) => make("button", {
      type: "button", role: "tab", id: `tab-${id}`, "data-key": `tab-${id}`, "aria-controls": "stage",
      "aria-selected": String(i === now), tabindex: i === now ? "0" : "-1", on: { click: () => patch({ view: id }) },
    }, t(`view.${id}`))));
}

// On a narrow screen the chosen tab may be out of sight.
function showTab() {
  const tab = /** @type {HTMLElement | null} */ (document.querySelector("[role=tab][aria-selected=true]"));
  const row = /** @type {HTMLElement | null} */ (tab?.closest(".tabs"));
  if (tab && row) row.scrollLeft = Math.max(0, tab.offsetLeft - row.offsetLeft - row.clientWidth / 3);
}
