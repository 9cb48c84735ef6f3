// All heads as a small table of buttons: click for one, with Shift or Ctrl for several.

import { headColor } from "./color.js";
import { make } from "./dom.js";
import { withTerms } from "./glossary.js";
import { answerWeight } from "./shown.js";

// Of more heads in a layer there is no room for their whole names on the buttons.
const MAX_NAMED = 8;

/** @param {Context} context */
export function drawHeadPicker(context) {
  const { t, reading, selected, state } = context;
  const { layers, heads } = reading.attention;
  const grid = make("div", {
    class: "picker", role: "group", "aria-label": t("picker.label"),
    on: { keydown: (event) => walk(event, layers, heads) },
  },
    Array.from({ length: layers }, (_, layer) => make("div", { class: "picker-row" },
      heads > MAX_NAMED ? make("span", { class: "picker-layer" }, String(layer + 1)) : null,
      Array.from({ length: heads }, (_, head) => headButton(context, layer, head)))));
  return make("div", { class: "field" },
    make("span", { class: "field-name" }, make("span", null, withTerms(t, t("picker.label"))),
      make("output", null, selected.map((head) => shortHead(...head)).join(", "))),
    grid,
    make("p", { class: "quiet" }, state.selected === null ? t("picker.auto") : t("picker.hint")));
}

/** "3.2": the second head of the third layer. */
export function shortHead(layer, head) {
  return `${layer + 1}.${head + 1}`;
}

/**
 * "cabeza 3.2", as a sentence names it.
 * @param {Translator} t
 */
export function headName(t, layer, head) {
  return t("head.name", { head: shortHead(layer, head) });
}

/**
 * "capa 3, cabeza 2": for those who hear it, and where the short name is explained.
 * @param {Translator} t
 */
export function spokenHead(t, layer, head) {
  return t("head.spoken", { layer: layer + 1, head: head + 1 });
}

/** @param {Context} context */
function headButton(context, layer, head) {
  const { t, reading, selected, patch, state } = context;
  const isSelected = selected.some(([l, h]) => l === layer && h === head);
  const isFirst = selected[0][0] === layer && selected[0][1] === head;
  const isAblated = state.ablated.some(([l, h]) => l === layer && h === head);
  const weight = answerWeight(reading, layer, head);
  const name = `${shortHead(layer, head)} (${spokenHead(t, layer, head)})`;
  const choose = (event) => {
    const several = event.shiftKey || event.ctrlKey || event.metaKey;
    const rest = selected.filter(([l, h]) => l !== layer || h !== head);
    if (!several) patch({ selected: [[layer, head]] });
    else if (!isSelected) patch({ selected: [...selected, [layer, head]] });
    else if (rest.length > 0) patch({ selected: rest });
  };
  return make("button", {
    type: "button", class: isAblated ? "picker-head is-ablated" : "picker-head", "data-key": `head-${layer}-${head}`,
    "aria-pressed": String(isSelected), tabindex: isFirst ? "0" : "-1",
    title: t("picker.title", { head: name, weight: t.percent(weight) }),
    "aria-label": t("picker.title", { head: name, weight: t.percent(weight) }),
    style: { "--head": headColor(head), "--strength": weight.toFixed(3) }, on: { click: choose },
  }, reading.attention.heads > MAX_NAMED ? String(head + 1) : shortHead(layer, head));
}

// Arrow keys go from button to button.
function walk(event, layers, heads) {
  const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const move = moves[event.key];
  const place = event.target.dataset.key?.match(/^head-(\d+)-(\d+)$/);
  if (!move || !place) return;
  event.preventDefault();
  const layer = (Number(place[1]) + move[0] + layers) % layers;
  const head = (Number(place[2]) + move[1] + heads) % heads;
  event.currentTarget.querySelector(`[data-key="head-${layer}-${head}"]`).focus();
}
