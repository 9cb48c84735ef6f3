// Keys that work anywhere but in a field. Arrow keys belong to the views and lists that have the focus.

import { toggleAblation, toggleMask } from "./changes.js";
import { walkAnaphors } from "./anaphors.js";
import { openHelp } from "./help.js";
import { presentAction } from "./present.js";
import { hasChange } from "./question.js";
import { moments, momentNow, choose } from "./moments.js";
import { viewLetters } from "./view-keys.js";
import { VIEWS } from "./views.js";

// So long a letter after g still names a view.
const PAUSE_AFTER_G = 1500;
let gAt = -Infinity;

export function bindKeyboard(contextNow) {
  addEventListener("keydown", (event) => {
    if (isCommand(event) || event.defaultPrevented) return;
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

// A key with Ctrl, Alt or Cmd belongs to the browser, unless the keyboard needs it to write the sign at all:
// AltGr is Ctrl and Alt to Windows, and Alt alone to macOS.
function isCommand({ key, ctrlKey, altKey, metaKey }) {
  const isWritten = "[]{}".includes(key) && altKey && !metaKey;
  return (ctrlKey || altKey || metaKey) && !isWritten;
}

function isField(element) {
  return element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=range])");
}

/**
 * The view of a letter that follows a g.
 * @param {KeyboardEvent} event
 * @param {PageContext} context
 */
function viewAfterG({ key, timeStamp }, { t, patch }) {
  const isAfterG = timeStamp - gAt < PAUSE_AFTER_G;
  gAt = -Infinity;
  const view = isAfterG ? viewLetters(t).find(({ letter }) => letter === key.toLowerCase()) : null;
  return view ? () => patch({ view: view.id }) : null;
}

/** @param {PageContext} context */
function actionOf(event, context) {
  const { state, patch, selected, reading } = context;
  const heads = reading?.attention?.heads ?? 0;
  const presenting = presentAction(event.key, context);
  if (presenting) return presenting;
  const letterView = viewAfterG(event, context);
  if (letterView) return letterView;
  const view = VIEWS[Number(event.key) - 1];
  if (view) return () => patch({ view });
  const actions = {
    "?": () => openHelp(context),
    g: () => { gAt = event.timeStamp; },
    j: () => moveHead(context, 1), k: () => moveHead(context, -1),
    J: () => moveHead(context, heads), K: () => moveHead(context, -heads),
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
