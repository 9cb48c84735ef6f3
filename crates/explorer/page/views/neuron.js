// Query, keys and their products, dimension by dimension, for one word against all.

import { attentionSteps, dotTerms } from "../arithmetic.js";
import { make, slider } from "../dom.js";
import { headName } from "../head-picker.js";
import { keyChooser, queryChooser, vectorsOfState } from "../one-head.js";
import { withRoles } from "../roles.js";
import { drawStrip, greatestSize } from "../strip.js";

// Dimensions that are named.
const N_STRONGEST = 4;

/** @type {View} */
export const neuronView = {
  id: "neuron",
  tools: ["heads", "step"],
  draw(context) {
    const found = vectorsOfState(context);
    if (!found.vectors) return found.message;
    const neurons = neuronsOf(context, found);
    return make("div", { class: "one-head" },
      make("div", { class: "choices" }, queryChooser(context, found.query), keyChooser(context, neurons.key),
        dimensionSlider(context, neurons)),
      readout(context, neurons),
      make("div", { class: "scroll-x" }, neuronTable(context, found, neurons)));
  },
  csv(context) {
    const found = vectorsOfState(context);
    if (!found.vectors) return [];
    const dimensions = Array.from({ length: found.vectors.d_head }, (_, i) => i);
    const rows = context.reading.tokens.flatMap((token, key) => {
      const terms = dotTerms(found.vectors, found.query, key);
      return [
        [token.text, "q", ...terms.map(({ q }) => q)], [token.text, "k", ...terms.map(({ k }) => k)],
        [token.text, "q*k", ...terms.map(({ product }) => product)],
      ];
    });
    return [["key", "vector", ...dimensions], ...rows];
  },
};

/** @param {Context} context */
function neuronsOf({ state, reading }, { vectors, query }) {
  const steps = attentionSteps(vectors, query, new Set(state.masked));
  const rows = reading.tokens.map((_, key) => dotTerms(vectors, query, key));
  const strongest = steps.weights.indexOf(Math.max(...steps.weights));
  const key = state.key !== null && state.key >= 0 && state.key < rows.length ? state.key : strongest;
  const byPull = rows[key].map((_, i) => i).sort((a, b) => rows[key][b].product - rows[key][a].product);
  const isDimension = state.dimension !== null && state.dimension >= 0 && state.dimension < vectors.d_head;
  return { steps, rows, query, key, byPull, dimension: isDimension ? state.dimension : byPull[0] };
}

/** @param {Context} context */
function dimensionSlider({ t, patch }, { rows, dimension }) {
  return slider(t("neuron.dimension"), {
    min: 1, max: rows[0].length, step: 1,
  }, dimension + 1, (value) => String(value),
    (value) => patch({ dimension: value - 1 }), "dimension");
}

/**
 * What stands at the chosen cell, in words.
 * @param {Context} context
 */
function readout({ t, reading }, { steps, rows, key, byPull, dimension }) {
  const { q, k, product } = rows[key][dimension];
  const dot = steps.dots[key];
  const share = product / dot;
  const text = reading.tokens[key].text;
  const values = {
    key: text, dimension: dimension + 1, q: t.number(q, 3), k: t.number(k, 3), product: t.number(product, 3),
    dot: t.number(dot, 2), share: t.percent(share, 0),
  };
  const positive = byPull.slice(0, N_STRONGEST).filter((i) => rows[key][i].product > 0);
  const pulls = positive.map((i) => `${i + 1} (${t.number(rows[key][i].product, 2)})`);
  return make("div", { class: "readout", "aria-live": "polite" },
    make("p", null, t(dot > 0 && share >= 0 && share <= 1 ? "neuron.at" : "neuron.at_zero", values)),
    pulls.length > 0 ? make("p", { class: "quiet" },
      t("neuron.strongest", { key: text, dimensions: pulls.join(", ") })) : null);
}

/** @param {Context} context */
function neuronTable(context, { layer, head }, neurons) {
  const { t, reading } = context;
  const { rows, query, key, dimension } = neurons;
  const queryVector = rows[0].map(({ q }) => q);
  const keyScale = greatestSize(queryVector, ...rows.map((terms) => terms.map(({ k }) => k)));
  const productScale = greatestSize(...rows.map((terms) => terms.map(({ product }) => product)));
  const headings = ["pick.key", "neuron.key", "neuron.product", "neuron.dot", "neuron.weight"];
  return make("table", { class: "neurons" },
    make("caption", null,
      t("neuron.picture", { head: headName(t, layer, head), rows: rows.length, d_head: rows[0].length }), " ",
      t("steps.weakest")),
    make("thead", null,
      make("tr", null, headings.map((name) => make("th", { scope: "col" }, withRoles(t(name))))),
      make("tr", { class: "is-pronoun" }, make("th", { scope: "row" },
        withRoles(t("neuron.query")), `: ${reading.tokens[query].text}`),
        make("td", null, drawStrip(queryVector, keyScale, { chosen: dimension })), make("td", { colspan: 3 }))),
    make("tbody", null,
      rows.map((_, each) => neuronRow(context, neurons, each, each === key ? dimension : null, keyScale,
        productScale))));
}

/** @param {Context} context */
function neuronRow({ t, reading, patch }, { rows, steps, key }, each, chosen, keyScale, productScale) {
  const text = reading.tokens[each].text;
  const pick = (event) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const dimension = Math.floor((event.clientX - left) / width * rows[each].length);
    patch({ key: each, dimension: Math.min(Math.max(dimension, 0), rows[each].length - 1) });
  };
  const strip = (values, scale) => make("td", null,
    make("div", { class: "strip-target", on: { click: pick } }, drawStrip(values, scale, { chosen })));
  return make("tr", { class: each === key ? "is-chosen" : null },
    make("th", { scope: "row" },
      make("button", {
        type: "button", class: "word-button", "data-key": `neuron-${each}`, "aria-pressed": String(each === key),
        on: { click: () => patch({ key: each }) },
      }, text)),
    strip(rows[each].map(({ k }) => k), keyScale),
    strip(rows[each].map(({ product }) => product), productScale),
    make("td", { class: "number" }, t.number(steps.dots[each], 2)),
    make("td", { class: "number" }, t.number(steps.weights[each], 3)));
}
