// Keys that work anywhere but in a field. Arrow keys belong to the views and lists that have the focus.

import { toggleAblation, toggleMask } from "./changes.js";
import { walkAnaphors } from "./anaphors.js";
import { openHelp } from "./help.js";
import { presentAction } from "./present.js";
import { hasChange } from "./question.js";
import { moments, momentNow, choose } from "./moments.js";
import { VIEWS } from "./views.js";

export function bindKeyboard(contextNow) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape" && isField(target)) return target.blur();
    if (isField(target)) return;
    const context = contextNow();
    const action = actionOf(event, context);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function isField(element) {
  return element.matches("textarea, select, input:not([type=checkbox]):not([type=range])");
}

/** @param {PageContext} context */
function actionOf(event, context) {
  const { state, patch, selected, reading } = context;
  const heads = reading?.attention?.heads ?? 0;
  const presenting = presentAction(event.key, context);
  if (presenting) return presenting;
  const view = VIEWS[Number(event.key) - 1];
  if (view) return () => patch({ view: view.id });
  const actions = {
    "?": () => openHelp(context),
    e: () => document.getElementById("text")?.focus(),
    "]": () => moveHead(context, 1), "[": () => moveHead(context, -1),
    "}": () => moveHead(context, heads), "{": () => moveHead(context, -heads),
    ".": () => moveStep(context, 1), ",": () => moveStep(context, -1),
    n: () => walkAnaphors(context, 1), N: () => walkAnaphors(context, -1),
    m: () => toggleMask(context),
    x: () => selected.length > 0 && toggleAblation(context, selected),
    u: () => hasChange(state) && patch({ masked: [], ablated: [] }),
    f: () => patch({ fold: !state.fold }),
    t: () => patch({ table: !state.table }),
    Escape: () => patch({ token: null }),
  };
  return actions[event.key];
}

/** @param {PageContext} context */
function moveHead({ patch, selected, reading }, by) {
  if (!reading?.attention) return;
  const { layers, heads } = reading.attention;
  const [layer, head] = selected[0];
  const place = (layer * heads + head + by + layers * heads) % (layers * heads);
  patch({ selected: [[Math.floor(place / heads), place % heads]] });
}

/** @param {PageContext} context */
function moveStep(context, by) {
  const all = moments(context);
  const now = momentNow(context, all) + by;
  if (now >= 0 && now < all.length) context.patch(choose(all[now], context));
}
