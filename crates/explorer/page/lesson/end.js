// What stands at the end of the lesson: the score, what was learned, what to try now, and a link for a class.

import { make } from "../dom.js";
import { DEFAULTS, writeAddress } from "../state.js";
import { betScore } from "./bets.js";

const LEARNED = ["first", "second", "third"];

/** @param {Context} context */
export function endCard({ t, run, state, patch }) {
  const { bets, right } = betScore(state.bets);
  const way = (name, text, click) => make("button", { type: "button", "data-key": `end-${name}`, on: { click } }, text);
  const view = (id) => way(id, t(`view.${id}`), () => patch({ view: id, present: false }));
  return make("section", { class: "lesson-end", "aria-labelledby": "lesson-end-title" },
    make("h3", { id: "lesson-end-title" }, t("lesson.end.title")),
    make("p", { class: "lesson-end-score" },
      bets > 0 ? t("lesson.end.score", { right, bets }) : t("lesson.end.no_bets")),
    make("h4", null, t("lesson.end.learned")),
    make("ol", null, LEARNED.map((name) => make("li", null, t(`lesson.end.${name}`)))),
    make("h4", null, t("lesson.end.next")),
    make("div", { class: "choices" }, view("decides"), view("causal"),
      run.live ? way("own", t("lesson.end.own"), () => writeOwn(patch)) : null),
    make("p", null, make("a", { href: classLink(t.language), "data-key": "end-share" }, t("lesson.end.share"))));
}

/** @param {Patch} patch */
function writeOwn(patch) {
  patch({ view: "heads", present: false });
  setTimeout(() => document.getElementById("text")?.focus());
}

/**
 * The lesson before any bet, as it is shown to a class.
 * @param {string} language
 */
function classLink(language) {
  return writeAddress({ ...structuredClone(DEFAULTS), language, view: "lesson", present: true });
}
