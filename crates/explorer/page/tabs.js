// One tab for each view, in groups.

import { make } from "./dom.js";
import { termsWithin } from "./glossary.js";
import { GROUPS, VIEWS } from "./views.js";

/** @param {PageContext} context */
export function drawTabs({ t, state, patch }) {
  const now = VIEWS.indexOf(state.view);
  const go = (place) => {
    const view = VIEWS[(place + VIEWS.length) % VIEWS.length];
    patch({ view });
    queueMicrotask(() => document.getElementById(`tab-${view}`)?.focus());
  };
  const onKey = (event) => {
    const moves = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: VIEWS.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  };
  const tab = (id) => make("button", {
    type: "button", role: "tab", id: `tab-${id}`, "data-key": `tab-${id}`, "aria-controls": "stage",
    "aria-selected": String(VIEWS[now] === id), tabindex: VIEWS[Math.max(now, 0)] === id ? "0" : "-1",
    on: { click: () => patch({ view: id }) },
  }, termsWithin(t, t(`view.${id}`)));
  queueMicrotask(showTab);
  const list = make("div", { role: "tablist", "aria-label": t("tabs"), on: { keydown: onKey } },
    GROUPS.map(({ id, views }) => make("div", { class: "tab-group", role: "presentation", "data-group": id },
      make("span", { class: "tab-group-name", "aria-hidden": "true" }, t(`group.${id}`)),
      make("div", { class: "tab-row", role: "presentation" }, views.map(tab)))));
  list.addEventListener("scroll", () => markHidden(list), { passive: true });
  return list;
}

// On a narrow screen the chosen tab may be out of sight.
function showTab() {
  const row = /** @type {HTMLElement | null} */ (document.querySelector("[role=tablist]"));
  const tab = /** @type {HTMLElement | null} */ (row?.querySelector("[role=tab][aria-selected=true]") ?? null);
  if (!row) return;
  if (tab) {
    const left = tab.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
    row.scrollLeft = Math.max(0, left - row.clientWidth / 3);
  }
  markHidden(row);
}

// Fades the end behind which there are more tabs.
function markHidden(row) {
  row.classList.toggle("has-before", row.scrollLeft > 4);
  row.classList.toggle("has-after", row.scrollLeft + row.clientWidth < row.scrollWidth - 4);
}
