// The question of a station, to be answered before the model's answer is shown.

import { make } from "../dom.js";
import { wordName } from "./measure.js";
import { LOOKED, NONE } from "./bets.js";

/**
 * What is chosen but not yet checked: it outlives a drawing of the page, and is not in the address.
 * @type {{ place: number | null, value: number | null }}
 */
let draft = { place: null, value: null };

/**
 * Calls `decide(choice)` with the word or option that was chosen, or LOOKED.
 * @param {Context} context
 */
export function betForm({ t }, { place, question, choices, decide }) {
  const chosenBefore = draft.place === place ? draft.value : null;
  const submit = (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (chosen) decide(Number(chosen.value));
    draft = { place: null, value: null };
  };
  const choose = (event) => {
    draft = { place, value: Number(event.target.value) };
    check.disabled = false;
  };
  const check = make("button", {
    type: "submit", class: "primary", "data-key": "lesson-check", disabled: chosenBefore === null,
  }, t("lesson.check"));
  const form = make("form", { class: "bet", on: { submit, change: choose } },
    make("fieldset", null,
      make("legend", null, make("span", { class: "field-name" }, t("lesson.before")), question),
      make("div", { class: choices.every(({ isWord }) => isWord) ? "bet-words" : "bet-options" },
        choices.map((choice) => betChoice(choice, chosenBefore)))),
    make("div", { class: "choices" }, check,
      make("button", {
        type: "button", class: "quiet-button", "data-key": "lesson-look", on: { click: () => decide(LOOKED) },
      }, t("lesson.look"))));
  return form;
}

function betChoice({ value, text, isDisabled }, chosen) {
  return make("label", { class: isDisabled ? "bet-choice is-off" : "bet-choice" },
    make("input", {
      type: "radio", name: "bet", value: String(value), "data-key": `bet-${value}`, disabled: isDisabled,
      checked: value === chosen,
    }),
    make("span", null, text));
}

/**
 * The choices of a station: its options, or the words of a sentence in their order.
 * @param {Translator} t
 */
export function choicesOf(t, station, facts) {
  if (station.options) return station.options(t, facts).map((text, value) => ({ value, text, isWord: false }));
  const { reading, without, withNone } = station.pick(t, facts);
  const words = reading.words.map((_, word) => ({
    value: word, text: wordName(reading, word), isWord: true, isDisabled: without.includes(word),
  }));
  return withNone ? [...words, { value: NONE, text: t("lesson.none"), isWord: true }] : words;
}
