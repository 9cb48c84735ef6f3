// The arithmetic behind one weight, written out.

import { dotTerms } from "./arithmetic.js";
import { make } from "./dom.js";

// Terms of the dot product that are written out.
const N_WRITTEN = 4;

/** @param {Context} context */
export function drawUnfolded({ t }, { reading, vectors, steps, query, key, isMasked }) {
  const terms = dotTerms(vectors, query, key);
  const names = { query: reading.tokens[query].text, key: reading.tokens[key].text };
  const number = (value) => t.number(value, 2);
  const values = {
    dot: number(steps.dots[key]), root: t.number(steps.root, 3), score: number(steps.scores[key]),
    log_total: number(steps.logTotal), weight: t.number(steps.weights[key], 4), key: names.key,
  };
  return make("section", { class: "unfolded", "aria-live": "polite", "aria-label": t("steps.unfolded", names) },
    make("h3", null, t("steps.unfolded", names)),
    make("ol", { class: "arithmetic" },
      make("li", null, t("steps.dot", { ...values, terms: writtenTerms(t, terms) })),
      make("li", null, t("steps.divide", values)),
      make("li", null, isMasked ? t("steps.masked") : withPowers(t("steps.softmax", values))),
      make("li", null, t("steps.contribution", values))),
    termsTable(t, terms));
}

/**
 * The greatest terms, and how many more there are.
 * @param {Translator} t
 */
function writtenTerms(t, terms) {
  const greatest = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, N_WRITTEN);
  const factor = (value) => (value < 0 ? `(${t.number(value, 2)})` : t.number(value, 2));
  const written = greatest.map(({ q, k }) => `${factor(q)}·${factor(k)}`).join(" + ");
  const n = terms.length - N_WRITTEN;
  return n > 0 ? `${written} + … ${t("steps.dot_rest", { n })}` : written;
}

// "e^1.2" with the exponent raised.
export function withPowers(text) {
  return text.split(/\^([-−]?[\d.,\u202f]*\d)/).map((part, i) => (i % 2 === 1 ? make("sup", null, part) : part));
}

/** @param {Translator} t */
function termsTable(t, terms) {
  const heading = (name) => make("th", { scope: "col" }, t(name));
  const cell = (value) => make("td", { class: "number" }, t.number(value, 3));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("steps.product") },
    make("table", { class: "terms" },
      make("thead", null,
        make("tr", null, ["steps.dimension", "steps.query", "steps.key", "steps.product"].map(heading))),
      make("tbody", null,
        terms.map(({ q, k, product }, i) => make("tr", null, make("th", { scope: "row" }, String(i + 1)), cell(q),
          cell(k), cell(product)))),
      make("tfoot", null,
        make("tr", null, make("th", { scope: "row" }, "Σ"), make("td"), make("td"),
          cell(terms.reduce((sum, { product }) => sum + product, 0))))));
}
