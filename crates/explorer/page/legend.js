// What the colours of a heat map mean.

import { rampColor } from "./color.js";
import { make, setStyle } from "./dom.js";
import { withTerms } from "./glossary.js";

// Nearly the weight itself: only the least are lifted a little, so that they can be told from nothing.
export function shade(weight) {
  return weight ** 0.8;
}

/** @param {Translator} t */
export function valueLegend(t, table) {
  return legend(withTerms(t, t("legend.weight")),
    [0, 0.1, 0.25, 0.5, 0.75, 1].map((weight) => [rampColor(table, shade(weight)), t.percent(weight, 0)]));
}

// A difference from -1 to 1 as a place from 0 to 1, with the root on both sides.
export function shadeDifference(difference) {
  return 0.5 + Math.sign(difference) * Math.sqrt(Math.min(Math.abs(difference), 1)) / 2;
}

/** @param {Translator} t */
export function differenceLegend(t, table) {
  return legend(t("legend.difference"),
    [-1, -0.25, 0, 0.25, 1].map((value) => [
      rampColor(table, shadeDifference(value)), `${value > 0 ? "+" : ""}${t.percent(value, 0)}`,
    ]));
}

/**
 * @param {string | (string | Node)[]} name
 * @param {string[][]} marks of each its colour and its text
 */
function legend(name, marks) {
  return make("div", { class: "legend" }, make("span", null, name), marks.map(([color, text]) => {
    const patch = make("span", { class: "legend-color" });
    setStyle(patch, { background: color });
    return make("span", { class: "legend-step" }, patch, text);
  }));
}
