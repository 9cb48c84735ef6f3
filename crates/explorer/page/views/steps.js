// The four steps of one head for one word, with the model's numbers.

import { attentionSteps } from "../arithmetic.js";
import { shareBar } from "../bars.js";
import { make } from "../dom.js";
import { drawMachine } from "../machine.js";
import { headName } from "../head-picker.js";
import { queryChooser, vectorsOfState } from "../one-head.js";
import { weightAt } from "../shown.js";
import { drawStrip, greatestSize } from "../strip.js";
import { drawUnfolded } from "../unfolded.js";

// How far the weights computed here may be from the model's: those are rounded to 1/65,535, its scores to 32 bits.
export const AGREEMENT = 2e-5;
// Of a longer text only the tokens with the greatest weights are shown.
const MAX_ROWS = 40;

/** @type {View} */
export const stepsView = {
  id: "steps",
  tools: ["heads", "step"],
  draw(context) {
    const found = vectorsOfState(context);
    if (!found.vectors) return found.message;
    const { layer, head, query } = found;
    const steps = attentionSteps(found.vectors, query, new Set(context.state.masked));
    const key = chosenKey(context, steps);
    const choose = (token) => context.patch({ key: token });
    const of = { reading: context.reading, vectors: found.vectors, steps, layer, head, query, key };
    return make("div", { class: "one-head" },
      queryChooser(context, query),
      drawMachine(context, of),
      make("h3", null, context.t("machine.all")),
      make("div", { class: "steps-parts" },
        drawSteps(context, {
          reading: context.reading, vectors: found.vectors, steps, layer, head, query, key, choose,
          all: context.state.allRows,
        }),
        drawUnfolded(context, {
          reading: context.reading, vectors: found.vectors, steps, query, key,
          isMasked: context.state.masked.includes(key),
        })),
      context.isStale ? null : agreement(context, steps, layer, head, query));
  },
  csv(context) {
    const found = vectorsOfState(context);
    if (!found.vectors) return [];
    return stepsAsCsv(context, found.vectors,
      attentionSteps(found.vectors, found.query, new Set(context.state.masked)));
  },
};

/**
 * @param {Context} context
 * @param {Steps} steps
 */
function chosenKey({ state, reading }, steps) {
  if (state.key !== null && state.key >= 0 && state.key < reading.tokens.length) return state.key;
  return steps.weights.indexOf(Math.max(...steps.weights));
}

/**
 * The table alone: also the picture of a station of the lesson. `choose` unfolds a row.
 * @param {Context} context
 */
export function drawSteps({ t, patch }, { reading, vectors, steps, layer, head, query, key, choose, all }) {
  const { d_head } = vectors;
  const shown = shownKeys(steps.weights, all, key);
  const token = reading.tokens[query].text;
  const scale = greatestSize(...shown.map((each) => weighted(vectors, steps, each)), steps.output);
  const heading = (name, hint, values) => make("th", { scope: "col" }, t(name, values),
    make("small", null, t(hint, values)));
  const values = { token, d_head, root: t.number(steps.root, 3) };
  const rest = reading.tokens.length - shown.length;
  const table = make("table", { class: "steps" },
    make("caption", null, t("steps.caption", { token, head: headName(t, layer, head) }), ". ", t("steps.weakest")),
    make("thead", null, make("tr", null, make("th", { scope: "col" }, t("steps.token")),
      heading("steps.one", "steps.one_hint", values), heading("steps.two", "steps.two_hint", values),
      heading("steps.three", "steps.three_hint", values), heading("steps.four", "steps.four_hint", values))),
    make("tbody", null, shown.map((each) => stepsRow(t, { reading, vectors, steps, each, query, key, choose, scale }))),
    make("tfoot", null,
      rest > 0 ? make("tr", null, make("td", { colspan: 5 },
        t("part.rest", { n: rest, share: t.percent(1 - shown.reduce((sum, each) => sum + steps.weights[each], 0)) }),
        " ",
        make("button", {
          type: "button", class: "link", "data-key": "all-rows",
          on: { click: () => patch({ allRows: true }) },
        }, t("part.all_rows", { n: reading.tokens.length })))) : null,
      make("tr", { class: "sum" }, make("th", { scope: "row" }, t("steps.output")), make("td"), make("td"),
        make("td", { class: "number" }, t.number(1, 3)),
        make("td", null, drawStrip(steps.output, scale, { cell: 6 })))));
  return make("div", {
    class: "scroll-x steps-box", tabindex: "0", role: "region", "aria-label": t("steps.caption", {
      token, head: headName(t, layer, head),
    }),
  }, table);
}

/** @param {Translator} t */
function stepsRow(t, { reading, vectors, steps, each, query, key, choose, scale }) {
  const text = reading.tokens[each].text;
  const classes = [
    each === query && "is-pronoun", each === key && "is-chosen",
    reading.tokens[each].word !== null && reading.tokens[each].word === reading.answer && "is-answer",
  ].filter(Boolean).join(" ");
  return make("tr", { class: classes },
    make("th", { scope: "row" }, choose
      ? make("button", {
        type: "button", class: "word-button", "data-key": `unfold-${each}`, "aria-pressed": String(each === key),
        title: t("steps.unfold", { token: text }), on: { click: () => choose(each) },
      }, text)
      : text),
    make("td", { class: "number" }, t.number(steps.dots[each], 2)),
    make("td", { class: "number" }, t.number(steps.scores[each], 2)),
    make("td", { class: "number with-bar" }, make("span", { class: "bar-number" }, t.number(steps.weights[each], 3)),
      shareBar(steps.weights[each])),
    make("td", null, drawStrip(weighted(vectors, steps, each), scale, { cell: 6 })));
}

// In the order of the text: all, or those with the greatest weights.
function shownKeys(weights, all, key) {
  const keys = Array.from(weights, (_, i) => i);
  if (all || keys.length <= MAX_ROWS) return keys;
  const kept = new Set([key, ...keys.sort((a, b) => weights[b] - weights[a]).slice(0, MAX_ROWS)]);
  return [...kept].sort((a, b) => a - b);
}

export function weighted({ d_head, values }, { weights }, key) {
  return Array.from(values.subarray(key * d_head, (key + 1) * d_head), (value) => value * weights[key]);
}

/**
 * The greatest distance between the weights computed here and those that the model gave.
 * @param {Attention} attention
 * @param {Steps} steps
 */
export function stepsDifference(attention, steps, layer, head, query) {
  return Math.max(...Array.from(steps.weights,
    (weight, key) => Math.abs(weight - weightAt(attention, layer, head, query, key))));
}

/**
 * @param {Context} context
 * @param {Steps} steps
 */
function agreement({ t, reading }, steps, layer, head, query) {
  const difference = stepsDifference(reading.attention, steps, layer, head, query);
  const isSame = difference <= AGREEMENT;
  return make("p", {
    class: isSame ? "quiet agreement" : "agreement is-wrong", "data-difference": difference,
    role: isSame ? null : "alert",
  },
    t(isSame ? "steps.agrees" : "steps.disagrees", { difference: t.number(difference, 6) }));
}

/**
 * @param {Context} context
 * @param {Vectors} vectors
 * @param {Steps} steps
 */
function stepsAsCsv({ reading }, vectors, steps) {
  const dimensions = Array.from({ length: vectors.d_head }, (_, i) => i);
  return [
    ["token", "dot", "score", "weight", ...dimensions.map((i) => `value_times_weight_${i}`)],
    ...reading.tokens.map((token, key) => [
      token.text, steps.dots[key], steps.scores[key], steps.weights[key], ...weighted(vectors, steps, key),
    ]),
    ["sum", "", "", 1, ...steps.output],
  ];
}
