// The tools that views share: which heads, combined how, which tokens and weights, at which step.

import { checkbox, chooser, make, slider } from "./dom.js";
import { withTerms } from "./glossary.js";
import { drawHeadPicker, shortHead } from "./head-picker.js";
import { choose, momentNow, moments } from "./moments.js";
import { hasChange } from "./question.js";
import { viewOf } from "./views.js";

/** @param {PageContext} context */
export function drawToolbar(context, element) {
  const { t, state, patch, reading } = context;
  element.setAttribute("aria-label", t("toolbar.label"));
  const view = viewOf(state);
  if (!reading?.attention || view.isFree) return null;
  if (view.tools?.length === 0 && !hasChange(state)) return null;
  const has = (tool) => !view.tools || view.tools.includes(tool);
  return foldable(context, [
    has("heads") ? drawHeadPicker(/** @type {Context} */ (context)) : null,
    has("heads") && context.selected.length > 1
      ? chooser(t("toolbar.combine"),
        [["mean", t("combine.mean")], ["sum", t("combine.sum")], ["each", t("combine.each")]], state.combine,
        (combine) => patch({ combine }), "combine") : null,
    !has("top") ? null : slider(t("toolbar.top"), { min: 5, max: 100, step: 5 }, state.top,
      (value) => t("toolbar.percent", { value }), (top) => patch({ top }), "top"),
    !has("special") ? null : chooser(withTerms(t, t("toolbar.special")),
      [["show", t("special.show")], ["hide", t("special.hide")], ["rescale", t("special.rescale")]], state.special,
      (special) => patch({ special }), "special"),
    !has("fold") ? null : checkbox(withTerms(t, t("toolbar.fold")), state.fold, (fold) => patch({ fold }), "fold"),
    has("step") ? stepSlider(context) : null,
    changes(context),
  ]);
}

// On a phone the picture matters more: there, the tools stay shut until they are wanted.
export const WIDE = "(min-width: 60.01rem)";
let isOpen = false;

/** @param {PageContext} context */
function foldable({ t, selected }, tools) {
  const isWide = matchMedia(WIDE).matches;
  const names = selected.map(([layer, head]) => shortHead(layer, head)).join(", ");
  const box = make("details", {
    class: "tools", open: isWide || isOpen, on: { toggle: () => { if (!matchMedia(WIDE).matches) isOpen = box.open; } },
  },
    make("summary", { "data-key": "tools" }, `${t("toolbar.label")} · ${names}`),
    make("div", { class: "tools-list" }, tools));
  return box;
}

/** @param {PageContext} context */
function stepSlider(context) {
  const { t, patch } = context;
  const all = moments(context);
  if (all.length < 2) return null;
  const text = (place) => t(`moment.${all[place].kind}`, { step: t.step(all[place].step) });
  return slider(t("toolbar.step"), { min: 0, max: all.length - 1, step: 1 }, momentNow(context, all), text,
    (place, how) => patch(choose(all[place], context), how), "step");
}

/**
 * What was changed in the reading, and a way back.
 * @param {PageContext} context
 */
function changes({ t, state, patch, reading }) {
  if (!hasChange(state)) return null;
  const drop = (name, i) => patch({ [name]: state[name].filter((_, j) => j !== i) });
  return make("div", { class: "changes" },
    make("span", { class: "field-name" }, t("changes.label")),
    state.masked.map((token, i) => chip(t("changes.masked", { token: reading?.tokens[token]?.text ?? token }),
      () => drop("masked", i), `unmask-${token}`, t)),
    state.ablated.map(([layer, head], i) => chip(t("changes.ablated", { head: shortHead(layer, head) }),
      () => drop("ablated", i), `restore-${layer}-${head}`, t)),
    state.ablated.length > 0 ? chooser(t("changes.by"), [["zero", t("ablation.zero")], ["mean", t("ablation.mean")]],
      state.ablation, (ablation) => patch({ ablation }), "ablation") : null,
    make("button", {
      type: "button", class: "quiet-button", "data-key": "undo",
      on: { click: () => patch({ masked: [], ablated: [] }) },
    }, t("changes.undo")));
}

/** @param {Translator} t */
function chip(text, remove, key, t) {
  return make("button", {
    type: "button", class: "chip", "data-key": key, "aria-label": `${text}: ${t("changes.remove")}`,
    on: { click: remove },
  }, text, make("span", { "aria-hidden": "true" }, " ×"));
}
