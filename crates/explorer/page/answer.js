// The pronouns that were found, the answer, and its probability on every word.

import { make, setStyle } from "./dom.js";
import { errorText } from "./messages.js";
import { rankedAnswers } from "./ranking.js";
import { textOf } from "./shown.js";

/** @param {PageContext} context */
export function drawAnswer(context, element) {
  const { t, status, error, reading } = context;
  element.setAttribute("aria-label", t("answer.label"));
  if (status === "error") return make("p", { class: "answer-line", role: "alert" }, errorText(t, error));
  if (status === "empty" || !reading) return make("p", { class: "answer-line quiet" },
    t(status === "empty" ? "status.empty" : "status.loading"));
  const answered = /** @type {PageContext<Reading>} */ (context);
  return [pronounChoice(context), answerLine(answered), wordStrip(answered), variantButtons(context)];
}

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

/** @param {PageContext} context */
function pronounChoice({ t, readings, state, patch }) {
  if (readings.length < 2) return null;
  return make("div", { class: "chips", role: "group", "aria-label": t("answer.pronouns") },
    make("span", { class: "field-name" }, t("answer.pronouns")),
    readings.map((reading, i) => make("button", {
      type: "button", class: "chip", "data-key": `pronoun-${i}`,
      "aria-pressed": String(i === Math.min(state.which, readings.length - 1)),
      on: { click: () => patch({ which: i, token: null }) },
    }, textOf(reading, reading.pronoun))));
}

/** @param {PageContext<Reading>} context */
function answerLine({ t, reading, before }) {
  const one = ({ text, probability }) => [
    make("strong", { class: "is-answer" }, text ?? t("answer.none")), " ",
    make("span", { class: "number" }, t.percent(probability)),
  ];
  const say = (from) => {
    const [best, second] = rankedAnswers(from);
    if (from.is_sure) return one(best);
    return [make("span", { class: "quiet" }, `${t("answer.unsure")} `), one(best), ` ${t("answer.or")} `, one(second)];
  };
  return make("p", { class: "answer-line", id: "answer-line" },
    make("strong", { class: "is-pronoun" }, textOf(reading, reading.pronoun)),
    make("span", { class: "arrow", "aria-label": t("answer.refers") }, " → "), say(reading),
    before ? make("span", { class: "quiet before" }, ` ${t("answer.before")} `, say(before)) : null);
}

/**
 * Every word with a bar and a number; none last.
 * @param {PageContext<Reading>} context
 */
function wordStrip(context) {
  const { reading, t } = context;
  return make("ol", { class: "strip", "aria-label": t("answer.strip") },
    reading.words.map((_, word) => stripWord(context, word)),
    stripWord(context, null));
}

/** @param {PageContext<Reading>} context */
function stripWord({ t, reading, before, patch }, word) {
  const probability = probabilityOf(reading, word);
  const token = word === null ? null : reading.tokens.findIndex((each) => each.word === word);
  const classes = [
    "strip-word", word === reading.answer && "is-answer",
    word !== null && word === reading.pronoun_word && "is-pronoun", word === null && "is-none",
  ].filter(Boolean).join(" ");
  const bar = make("span", { class: "bar" }, make("span", { class: "bar-fill" }));
  setStyle(bar.firstChild, { width: `${Math.round(probability * 1000) / 10}%` });
  const content = [
    make("span", { class: "strip-text" }, wordText(t, reading, word)), bar,
    make("span", { class: "number" }, t.percent(probability)), was(t, reading, before, word, probability),
  ];
  if (word === null) return make("li", { class: classes }, content);
  return make("li", null, make("button", {
    type: "button", class: classes, "data-key": `word-${word}`, "data-token": token, "aria-pressed": "false",
    on: { click: ({ currentTarget: { ariaPressed } }) => patch({ token: ariaPressed === "true" ? null : token }) },
  }, content));
}

/**
 * Marks the focused word, and that an answer is under way, without drawing the others anew.
 * @param {PageContext} context
 */
export function markFocus({ state, status }, element) {
  element.setAttribute("aria-busy", String(status === "loading"));
  for (const button of element.querySelectorAll("[data-token]")) {
    const isPressed = String(Number(button.dataset.token) === state.token);
    if (button.getAttribute("aria-pressed") !== isPressed) button.setAttribute("aria-pressed", isPressed);
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

/**
 * The same sentence but for a word: does the answer follow?
 * @param {PageContext} context
 */
function variantButtons(context) {
  const { t, patch, variants } = context;
  if (!variants || variants.length === 0) return null;
  return make("div", { class: "chips", role: "group", "aria-label": t("variants.label") },
    make("span", { class: "field-name" }, t("variants.label")),
    variants.map(({ kind, text, pronoun, changed }, i) => make("button", {
      type: "button", class: "chip", "data-key": `variant-${i}`, title: text,
      on: { click: () => patch({ text, pronoun, probe: "", which: 0, masked: [], token: null, snapshot: null }) },
    }, `${t(`variants.${kind}`)}: ${changed.map((span) => textOf({ text }, span)).join(" … ")}`)));
}
