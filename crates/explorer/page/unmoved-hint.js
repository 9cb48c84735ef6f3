// After a change that did not move the answer: that this is no failure of the page, and which change does.

import { make } from "./dom.js";
import { headName } from "./head-picker.js";
import { movingChange, wantChange } from "./moving-change.js";
import { answerWeight } from "./shown.js";
import { isUnmoved } from "./unmoved.js";
import { probabilityOf, wordText } from "./word-strip.js";

// A head that gives the answer so much looks at it.
const HALF = 0.5;

/** @param {PageContext<Reading>} context */
export function unmovedHint(context) {
  const { t, before, patch } = context;
  if (!isHinted(context) || !before) return null;
  return make("p", { class: "unmoved quiet" }, t("unmoved"), " ", reasonOf(context, before), " ",
    wayOut(context, before), " ",
    make("button", {
      type: "button", class: "link", "data-key": "to-decides", on: { click: () => patch({ view: "decides" }) },
    }, t("unmoved.open")));
}

/**
 * Of what the hint is drawn, besides the reading.
 * @param {PageContext} context
 */
export function hintInput(context) {
  const { before } = context;
  if (!isHinted(context) || !before) return "";
  return movingChange(/** @type {PageContext<Reading>} */ (context), before).status;
}

/** @param {PageContext} context */
function isHinted({ reading, before, isRecorded }) {
  return Boolean(reading && before && !isRecorded && isUnmoved(before, reading));
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

/**
 * A button that looks for the change that does, then that change, or that there is none.
 * @param {PageContext<Reading>} context
 * @param {Reading} before
 */
function wayOut(context, before) {
  const { t, patch } = context;
  const entry = movingChange(context, before);
  const button = (key, text, click) => make("button", {
    type: "button", class: "link", "data-key": key, on: { click },
  }, text);
  if (entry.status === "unasked") return button("find-change", t("unmoved.find"), () => wantChange(context, before));
  if (entry.status !== "found") return make("span", { role: "status" }, t(`unmoved.${entry.status}`));
  const { head, word, change, after } = entry.found;
  const isTurned = after.answer !== before.answer;
  const name = head ? headName(t, ...head) : wordText(t, before, word);
  return button("find-change", t(`unmoved.try_${head ? "head" : "word"}_${isTurned ? "turns" : "moves"}`, {
    name, answer: wordText(t, before, before.answer), now: wordText(t, after, after.answer),
    p: t.percent(probabilityOf(after, before.answer)),
  }), () => patch({ ...change, snapshot: null }));
}
