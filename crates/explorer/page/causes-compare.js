// Two heads that were chosen in the view of causes, beside each other with what was measured of them.

import { make } from "./dom.js";
import { isCompared } from "./compared-heads.js";
import { headName, shortHead } from "./head-picker.js";

const MEASURES = ["hit", "zero", "mean", "flipped"];

/**
 * As a share or as points, with what it lies between.
 * @param {Translator} t
 * @param {string} name of what was measured
 * @param {number | null} value
 */
export function measureText(t, name, value) {
  if (value === null) return "–";
  return name === "zero" || name === "mean" ? t("causal.points", { points: t.number(value * 100, 1) }) : t.percent(value);
}

/**
 * @param {Translator} t
 * @param {[number, number] | null} between
 */
export function betweenText(t, between) {
  if (!between || between.some(Number.isNaN)) return "";
  return t("causal.between", { low: t.number(between[0] * 100, 1), high: t.number(between[1] * 100, 1) });
}

/**
 * @param {MeasuredContext} context
 * @param {any[]} rows of the table
 * @param {Slice} slice
 */
export function comparedPart({ t, run, state }, rows, slice) {
  const chosen = rows.filter((row) => isCompared(state, row));
  if (chosen.length === 0) return make("p", { class: "quiet" }, t("causal.choose_two"));
  return make("div", { class: "compared", role: "region", "aria-label": t("causal.compared") },
    make("div", { class: "scroll-x", tabindex: "0", role: "group", "aria-label": t("causal.compared") },
      make("table", { class: "compared-heads" },
        make("caption", { class: "aloud" }, t("causal.compared")),
        make("thead", null, make("tr", null, make("td"),
          chosen.map(({ layer, head }) => make("th", { scope: "col" }, headName(t, layer, head))))),
        make("tbody", null, MEASURES.map((name) => make("tr", null, make("th", { scope: "row" }, t(`causal.${name}`)),
          chosen.map((row) => make("td", { class: "number" }, measureText(t, name, row[name]),
            make("small", null, betweenText(t, row.between[name]))))))))),
    chosen.length < 2 ? make("p", { class: "quiet" }, t("causal.choose_second")) : [
      make("p", null, apartText(t, chosen, "hit"), " ", apartText(t, chosen, "zero")),
      togetherText(t, run, chosen, slice),
    ]);
}

/**
 * Intervals that do not meet tell two heads apart; those that do, leave it open.
 * @param {Translator} t
 * @param {any[]} chosen two rows
 * @param {string} name of what was measured
 */
function apartText(t, chosen, name) {
  const [a, b] = chosen;
  const [one, two] = [a.between[name], b.between[name]];
  if (!one || !two) return null;
  const isApart = one[1] < two[0] || two[1] < one[0];
  const [more, less] = a[name] >= b[name] ? [a, b] : [b, a];
  return t(`causal.${name}_${isApart ? "apart" : "alike"}`,
    { more: shortHead(more.layer, more.head), less: shortHead(less.layer, less.head) });
}

/**
 * What it costs when both are off, where that was measured.
 * @param {Translator} t
 * @param {MeasuredContext["run"]} run
 * @param {any[]} chosen
 * @param {Slice} slice
 */
function togetherText(t, run, chosen, slice) {
  const pair = (run.heads.pairs ?? []).find(({ heads, by, lang = null, phenomenon = null }) => by === "zero"
    && lang === slice.lang && phenomenon === slice.phenomenon
    && heads.every(([layer, head]) => chosen.some((row) => row.layer === layer && row.head === head)));
  if (!pair) return null;
  const apart = chosen.some(({ zero }) => zero === null) ? null : chosen[0].zero + chosen[1].zero;
  return make("p", null, t("causal.together", {
    drop: measureText(t, "zero", pair.drop), apart: measureText(t, "zero", apart), n: t.number(pair.n),
  }));
}
