// The words of a sentence as a recurrent network reads them, one after the other, and as attention does, all at once.

import { make } from "../dom.js";
import { isStill } from "../motion.js";

// Slow enough to be followed with the eyes.
const STEP = 220;
const LIGHT_UP = 160;

/** The sentence that has run already: it runs once by itself. */
let racedText = "";

/**
 * @param {Translator} t
 * @param {string[]} words
 */
export function drawRace(t, words) {
  const row = (name, stepOf, n) => make("div", { class: `race-row is-${name}` },
    make("p", { class: "field-name" }, t(`race.${name}`, { n })),
    make("ol", null, words.map((word, i) => make("li", { class: "race-word" },
      make("span", { class: "race-text" }, word),
      make("span", { class: "race-step" }, make("span", { class: "aloud" }, `${t("race.step", { n: stepOf(i) })}`),
        make("span", { "aria-hidden": "true" }, String(stepOf(i))))))));
  const picture = make("figure", { class: "scene-picture race", "aria-label": t("race.label") },
    row("serial", (i) => i + 1, words.length), row("parallel", () => 1, 1),
    isStill() ? null : make("button", {
      type: "button", class: "quiet-button", "data-key": "race-again", on: { click: () => run(picture) },
    }, t("race.again")));
  const text = words.join(" ");
  if (text !== racedText) queueMicrotask(() => run(picture));
  racedText = text;
  return picture;
}

/** @param {HTMLElement} picture */
function run(picture) {
  if (isStill()) return;
  for (const row of picture.querySelectorAll(".race-row")) {
    for (const [i, word] of [...row.querySelectorAll(".race-word")].entries()) {
      word.animate([{ opacity: 0.25 }, { opacity: 1 }],
        { duration: LIGHT_UP, delay: STEP * (row.matches(".is-serial") ? i + 1 : 1), fill: "backwards", easing: "ease-out" });
    }
  }
}
