// The answer, the other anaphors of the text, and the words with their probabilities.

import { anaphorsOf, askAbout, walkAnaphors } from "./anaphors.js";
import { make } from "./dom.js";
import { canRetry, errorText, retryButton } from "./messages.js";
import { rankedAnswers } from "./ranking.js";
import { textOf } from "./shown.js";
import { unmovedHint } from "./unmoved-hint.js";
import { wordOffers } from "./word-offers.js";
import { plainStrip, wordStrip } from "./word-strip.js";

/** @param {PageContext} context */
export function drawAnswer(context, element) {
  const { t, shown, error, reading, about } = context;
  element.setAttribute("aria-label", t("answer.label"));
  if (shown === "error") return [
    make("div", { class: "answer-row" },
      make("p", { class: "answer-line is-error", role: "alert" }, errorText(context, error)),
      canRetry(error) ? retryButton(context) : null,
      error?.code === "no_pronoun" ? wordOffers(context) : null),
    plainStrip(t, about.text),
  ];
  if (shown === "empty" || !reading) return make("p", { class: "answer-line quiet" },
    t(shown === "empty" ? "status.empty" : "status.loading"));
  const answered = /** @type {PageContext<Reading>} */ (context);
  return [
    make("div", { class: "answer-row" }, answerLine(answered), unmovedHint(answered),
      error?.code === "not_recorded" ? make("p", { class: "quiet" }, t("changes.unrecorded")) : null, pronounChoice(context), variantButtons(context)),
    wordStrip(answered),
  ];
}

/**
 * The anaphors of the text, where there are several.
 * @param {PageContext} context
 */
function pronounChoice(context) {
  const { t, reading, patch } = context;
  const anaphors = anaphorsOf(context);
  if (anaphors.length < 2) return null;
  const step = (by, name, text) => make("button", {
    type: "button", class: "chip", "data-key": `anaphor-${name}`, "aria-label": t(`anaphor.${name}`),
    title: t(`anaphor.${name}`), on: { click: () => walkAnaphors(context, by) },
  }, text);
  return make("div", { class: "chips", role: "group", "aria-label": t("answer.pronouns") },
    step(-1, "previous", "‹"),
    anaphors.map((each, i) => make("button", {
      type: "button", class: "chip", "data-key": `pronoun-${i}`,
      "aria-pressed": String(each.pronoun[0] === reading?.pronoun[0]),
      on: { click: () => patch(askAbout(context, each)) },
    }, textOf(each, each.pronoun))),
    step(1, "next", "›"));
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
  return make("p", { class: reading.is_sure ? "answer-line" : "answer-line is-unsure", id: "answer-line" },
    make("strong", { class: "is-pronoun" }, textOf(reading, reading.pronoun)),
    make("span", { class: "arrow", "aria-label": t("answer.refers") }, " → "), say(reading),
    before ? make("span", { class: "quiet before" }, ` ${t("answer.before")} `, say(before)) : null);
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
