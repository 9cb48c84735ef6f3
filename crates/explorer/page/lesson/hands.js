// In class, the bets are hands that are raised: a counter for each choice, and what most of the class says.

import { make } from "../dom.js";
import { LOOKED } from "./bets.js";

/**
 * @param {Hands[]} hands
 * @param {number} station
 * @param {number} choice
 */
export function handsFor(hands, station, choice) {
  return hands.find((row) => row[0] === station && row[1] === choice)?.[2] ?? 0;
}

/**
 * The hands with `count` for one choice of a station.
 * @param {Hands[]} hands
 * @param {number} station
 * @param {number} choice
 * @param {number} count
 * @returns {Hands[]}
 */
export function withHands(hands, station, choice, count) {
  const rest = hands.filter((row) => row[0] !== station || row[1] !== choice);
  return count > 0 ? [...rest, [station, choice, count]] : rest;
}

/**
 * The choice for which most hands were raised, and how many were: the first of equals; null before any was.
 * @param {Hands[]} hands
 * @param {number} station
 * @param {number[]} choices
 */
export function majority(hands, station, choices) {
  const counts = choices.map((choice) => handsFor(hands, station, choice));
  const most = Math.max(...counts);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const isTied = counts.filter((count) => count === most).length > 1;
  return all === 0 ? null : { choice: choices[counts.indexOf(most)], most, all, isTied };
}

/**
 * A question with a counter for each choice. Calls `decide(choice)` with what most said, or LOOKED.
 * @param {Context} context
 */
export function handsForm({ t, state, patch }, { place, question, choices, decide }) {
  const open = choices.filter(({ isDisabled }) => !isDisabled);
  const raise = (value, by) => patch({
    hands: withHands(state.hands, place, value, Math.max(handsFor(state.hands, place, value) + by, 0)),
  });
  const found = majority(state.hands, place, open.map(({ value }) => value));
  const submit = (event) => {
    event.preventDefault();
    if (found) decide(found.choice);
  };
  return make("form", { class: "bet hands", on: { submit } },
    make("fieldset", null,
      make("legend", null, make("span", { class: "field-name" }, t("hands.before")), question),
      make("div", { class: choices.every(({ isWord }) => isWord) ? "bet-words" : "bet-options" },
        open.map((choice) => handCounter(t, choice, handsFor(state.hands, place, choice.value), raise)))),
    make("div", { class: "choices" },
      make("button", { type: "submit", class: "primary", "data-key": "lesson-check", disabled: found === null },
        t("lesson.check")),
      make("button", {
        type: "button", class: "quiet-button", "data-key": "lesson-look", on: { click: () => decide(LOOKED) },
      }, t("lesson.look")),
      found ? make("span", { class: "quiet", role: "status" }, t("hands.total", { n: found.all })) : null));
}

/** @param {Translator} t */
function handCounter(t, { value, text }, count, raise) {
  return make("div", { class: "hand", role: "group", "aria-label": text },
    make("button", {
      type: "button", class: "hand-up", "data-key": `hand-${value}`,
      on: { click: () => raise(value, 1) },
    }, make("span", { class: "hand-text" }, text), " ", make("span", { class: "hand-count" }, String(count)),
      make("span", { class: "aloud" }, ` ${t("hands.raise")}`)),
    make("button", {
      type: "button", class: "hand-down quiet-button", "data-key": `hand-down-${value}`, disabled: count === 0,
      "aria-label": t("hands.lower", { choice: text }), on: { click: () => raise(value, -1) },
    }, "−"));
}

/**
 * What the class said, beside what the model does; null where no hand was raised.
 * @param {Context} context
 */
export function classVerdict({ t, state }, { place, choices }) {
  const found = majority(state.hands, place, choices.map(({ value }) => value));
  if (!found) return null;
  const { text } = choices.find(({ value }) => value === found.choice);
  return make("p", { class: "class-verdict" }, t(found.isTied ? "hands.tied" : "hands.verdict",
    { choice: text, n: found.most, all: found.all, share: t.percent(found.most / found.all, 0) }));
}
