// After a change that did not move the answer: that this is no failure of the page, and where a change does.

import { make } from "./dom.js";
import { headName } from "./head-picker.js";
import { answerWeight } from "./shown.js";
import { isUnmoved } from "./unmoved.js";

// A head that gives the answer so much looks at it.
const HALF = 0.5;

/** @param {PageContext<Reading>} context */
export function unmovedHint(context) {
  const { t, reading, before, patch } = context;
  if (!before || !isUnmoved(before, reading)) return null;
  return make("p", { class: "unmoved quiet" }, t("unmoved"), " ", reasonOf(context, before), " ",
    make("button", {
      type: "button", class: "link", "data-key": "to-decides", on: { click: () => patch({ view: "decides" }) },
    }, t("unmoved.open")));
}

/** @param {PageContext<Reading>} context */
function reasonOf({ t, state }, before) {
  const { masked, ablated } = state;
  if (ablated.length === 0) return t("unmoved.masked");
  if (ablated.length > 1 || masked.length > 0) return t("unmoved.several");
  const [[layer, head]] = ablated;
  return t(answerWeight(before, layer, head) >= HALF ? "unmoved.looks" : "unmoved.head",
    { head: headName(t, layer, head) });
}
