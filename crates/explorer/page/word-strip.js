// The sentence as a strip of words: each with its probability, the anaphors underlined, a menu behind every word.

import { anaphorsOf, chainsOf } from "./anaphors.js";
import { make, setStyle } from "./dom.js";
import { textOf } from "./shown.js";
import { openWordMenu } from "./word-menu.js";

// A word with less stands without a number.
const MIN_NUMBER = 0.01;
// As many chains have a colour of their own; more begin again.
const CHAIN_COLORS = 4;

/**
 * @param {Translator} t
 * @param {Reading} reading
 */
export function wordText(t, reading, word) {
  return word === null ? t("answer.none") : textOf(reading, reading.words[word]);
}

/** @param {Reading} reading */
export function probabilityOf(reading, word) {
  return reading.probabilities[word === null ? reading.words.length : word];
}

/**
 * Every word, none last.
 * @param {PageContext<Reading>} context
 */
export function wordStrip(context) {
  const { reading, t } = context;
  const anaphors = anaphorsOf(context);
  const marks = { anaphors: new Set(anaphors.map(({ pronoun_word }) => pronoun_word)), chains: chainsOf(anaphors) };
  const box = make("div", { class: "strip-box" },
    make("ol", { class: "strip", "aria-label": t("answer.strip") },
      reading.words.map((span, word) => (INVISIBLE.test(textOf(reading, span)) ? null : stripWord(context, word, marks))),
      stripWord(context, null, marks)));
  queueMicrotask(() => showPronoun(box));
  return box;
}

// Of a long text only two lines are seen: that of the pronoun is among them.
function showPronoun(box) {
  const word = box.querySelector(".is-pronoun");
  if (word) box.scrollTop = word.offsetTop + word.offsetHeight - box.clientHeight;
}

/**
 * The words of a text that has no answer, in the same place and of the same height.
 * @param {Translator} t
 * @param {string} text
 */
export function plainStrip(t, text) {
  return make("div", { class: "strip-box" },
    make("ol", { class: "strip", "aria-label": t("answer.strip") },
      text.split(/\s+/).filter((word) => word !== "").map((word) => make("li", { class: "strip-word is-faint" },
        make("span", { class: "strip-text" }, word), make("span", { class: "bar" }),
        make("span", { class: "number", "aria-hidden": "true" }, "\u00a0")))));
}

// Joiners and marks without a form of their own, of which emoji are put together, are no words to look at.
const INVISIBLE = /^[\p{Cf}\p{Mn}]*$/u;

/** @param {PageContext<Reading>} context */
function stripWord(context, word, { anaphors, chains }) {
  const { t, reading, before } = context;
  const probability = probabilityOf(reading, word);
  const token = word === null ? null : reading.tokens.findIndex((each) => each.word === word);
  const chain = chains.get(word);
  const classes = [
    "strip-word", word === reading.answer && "is-answer", anaphors.has(word) && "is-anaphor",
    word !== null && word === reading.pronoun_word && "is-pronoun", word === null && "is-none",
    probability < MIN_NUMBER && "is-faint",
    chain !== undefined && `chain-${chain % CHAIN_COLORS}`,
  ].filter(Boolean).join(" ");
  const bar = make("span", { class: "bar" }, make("span", { class: "bar-fill" }));
  setStyle(bar.firstChild, { width: `${Math.round(probability * 1000) / 10}%` });
  const content = [
    make("span", { class: "strip-text" }, wordText(t, reading, word)), bar,
    probability < MIN_NUMBER ? null : make("span", { class: "number" }, t.percent(probability)),
    was(t, reading, before, word, probability),
  ];
  if (word === null) return make("li", { class: classes }, content);
  return make("li", null, make("button", {
    type: "button", class: classes, "data-key": `word-${word}`, "data-token": token, "aria-haspopup": "menu",
    "aria-expanded": "false", on: { click: ({ currentTarget }) => openWordMenu(latestOf(context), word, currentTarget) },
  }, content));
}

/**
 * What a word can do depends on what is masked and fixed now, which does not draw the strip anew.
 * @type {WeakMap<Reading, PageContext<Reading>>}
 */
const latest = new WeakMap();

/** @param {PageContext<Reading>} context */
function latestOf(context) {
  return latest.get(context.reading) ?? context;
}

/**
 * Marks the focused and the masked words, and that an answer is under way, without drawing the others anew.
 * @param {PageContext} context
 */
export function markFocus(context, element) {
  const { state, status, reading } = context;
  if (reading) latest.set(reading, /** @type {PageContext<Reading>} */ (context));
  element.setAttribute("aria-busy", String(status === "loading"));
  for (const button of element.querySelectorAll("[data-token]")) {
    const token = Number(button.dataset.token);
    button.classList.toggle("is-fixed", token === state.token);
    button.classList.toggle("is-masked", state.masked.includes(token));
  }
}

/**
 * What it was without the change, where that is another number.
 * @param {Translator} t
 * @param {Reading} reading
 */
function was(t, reading, before, word, probability) {
  if (!before || before.words.length !== reading.words.length) return null;
  const earlier = probabilityOf(before, word);
  return Math.abs(earlier - probability) < 0.005 ? null : make("span", { class: "number was" },
    t("answer.was", { value: t.percent(earlier) }));
}
