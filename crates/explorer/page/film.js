// The film of the training view: what the pronoun reads and what is answered, moving from step to step.

import { birthsOf, recordedReadings } from "./births.js";
import { headColor, pageColor } from "./color.js";
import { checkbox, make, makeSvg, writeText } from "./dom.js";
import { headName } from "./head-picker.js";
import { memo } from "./memo.js";
import { even, MOTION, movingValues } from "./motion.js";
import { shownAttention, textOf } from "./shown.js";

// Pixels from word to word, and across the lines, which are stretched to the width that there is.
const FILM_ROW = 30;
const FILM_WIDTH = 100;
// A weaker line cannot be seen.
const FAINTEST = 0.005;

/**
 * `duration`: milliseconds from one step to the next while the film is played, 0 where it is not.
 * @param {Context} context
 * @param {number} duration
 */
export function drawFilm(context, duration) {
  const shown = shownAttention(context.reading, context.state);
  if (shown.pronoun < 0) return null;
  const part = filmOf(context, shown);
  Object.assign(part, { context, shown });
  part.motion.to(filmValues(context, shown), duration || MOTION, duration ? even : undefined);
  return part.element;
}

// The words stay as long as they are the same ones: what moves must not be built anew.
const filmOf = memo(buildFilm, ({ t, state, reading }, shown) => [
  JSON.stringify([shown.labels, shown.pronoun, shown.antecedent, state.allLines, reading.words]), t.language,
]);

/**
 * The weights of all words, then the probability of each place, then that of none.
 * @param {Context} context
 * @param {Shown} shown
 */
const filmValues = memo(({ reading }, { matrix, groups }) => {
  const answers = groups.map(([token], i) => {
    const { word } = reading.tokens[token];
    const isLater = i > 0 && reading.tokens[groups[i - 1][0]].word === word;
    return word === null || isLater ? 0 : reading.probabilities[word];
  });
  return Float32Array.from([...matrix, ...answers, reading.probabilities[reading.words.length]]);
}, ({ reading }, shown) => [reading, shown]);

/**
 * @param {Context} context
 * @param {Shown} shown
 */
function buildFilm({ t, state, patch }, shown) {
  const { n, labels, pronoun, antecedent, isSpecial } = shown;
  const rows = state.allLines ? labels.map((_, i) => i) : [pronoun];
  const paths = rows.map((row) => labels.map((_, column) => makeSvg("path", {
    d: filmLine(row, column), "vector-effect": "non-scaling-stroke", fill: "none", "stroke-linecap": "round",
  })));
  const lines = makeSvg("svg", {
    class: "film-lines", role: "img", viewBox: `0 0 ${FILM_WIDTH} ${n * FILM_ROW}`, preserveAspectRatio: "none",
    height: n * FILM_ROW,
  }, paths);
  const name = (i) => make("span", {
    class: ["film-word", i === pronoun && "is-pronoun", isSpecial[i] && "is-special"].filter(Boolean).join(" "),
  }, labels[i]);
  const asking = make("ol", { class: "film-asking", "aria-label": t("film.asking") },
    labels.map((_, i) => make("li", { class: rows.includes(i) ? null : "is-dim" }, name(i))));
  const read = make("ol", { class: "film-read", "aria-label": t("film.read") }, labels.map((_, i) => make("li", null,
    name(i), make("span", { class: "number film-weight" }),
    i === antecedent ? make("span", { class: "film-true", title: t("film.true") }, "✓",
      make("span", { class: "aloud" }, t("film.true"))) : null)),
    // No word that could be read: an answer only.
    make("li", { "aria-hidden": "true" }, make("span", { class: "film-word is-none" }, t("answer.none"))));
  const answers = make("ol", { class: "film-answers", "aria-label": t("film.answers") },
    [...labels, t("answer.none")].map((label, i) => make("li", { class: i < n && isSpecial[i] ? "is-special" : null },
      make("span", { class: "aloud" }, label),
      make("span", { class: "bar", "aria-hidden": "true" }, make("span", { class: "bar-fill" })),
      make("span", { class: "number" }))));
  const heading = (key) => make("p", { class: "film-heading quiet", "aria-hidden": "true" }, t(key));
  const element = make("section", { class: "film stack", "aria-label": t("film.name") },
    make("div", { class: "film-picture" },
      heading("film.asking"), make("span"), heading("film.read"), heading("film.answers"),
      asking, lines, read, answers),
    checkbox(t("film.all"), state.allLines, (allLines) => patch({ allLines }), "film-all"));
  const part = {
    element, paths, rows, lines,
    reads: [...read.children].slice(0, n), answers: [...answers.children],
    /** @type {any} */ context: null, /** @type {any} */ shown,
  };
  const motion = movingValues((values) => paintFilm(part, values), () => element.isConnected);
  return Object.assign(part, { motion });
}

function filmLine(row, column) {
  const [start, end] = [(row + 0.5) * FILM_ROW, (column + 0.5) * FILM_ROW];
  const middle = FILM_WIDTH / 2;
  return `M0 ${start}C${middle} ${start} ${middle} ${end} ${FILM_WIDTH} ${end}`;
}

function paintFilm({ element, paths, rows, lines, reads, answers, context, shown }, values) {
  const { t, reading } = context;
  const { n, pronoun, selected, labels } = shown;
  element.style.setProperty("--head", selected.length === 1 ? headColor(selected[0][1]) : pageColor("--accent"));
  rows.forEach((row, i) => paths[i].forEach((path, column) => {
    const weight = values[row * n + column];
    paintLine(path, weight, row === pronoun || rows.length === 1);
  }));
  reads.forEach((item, i) => {
    const weight = values[pronoun * n + i];
    item.style.setProperty("--weight", weight.toFixed(3));
    writeText(item.querySelector(".film-weight"), weight >= 0.01 ? t.percent(weight, 0) : "");
  });
  const chances = values.subarray(n * n);
  const best = chances.indexOf(Math.max(...chances));
  answers.forEach((item, i) => {
    item.classList.toggle("is-answer", i === best);
    item.querySelector(".bar-fill").style.width = `${(chances[i] * 100).toFixed(1)}%`;
    writeText(item.lastChild, chances[i] >= 0.01 ? t.percent(chances[i], 0) : "");
  });
  lines.setAttribute("aria-label", t("film.aloud", {
    pronoun: labels[pronoun], word: labels[strongestOf(values, pronoun * n, n)], step: t.step(context.step),
    answer: best < n ? labels[best] : t("answer.none"),
    share: t.percent(reading.probabilities[reading.answer ?? reading.words.length], 0),
  }));
}

function paintLine(path, weight, isFront) {
  path.style.visibility = weight < FAINTEST ? "hidden" : "visible";
  path.setAttribute("stroke-width", (0.75 + weight * (isFront ? 9 : 3)).toFixed(2));
  path.setAttribute("stroke-opacity", (isFront ? 0.2 + 0.75 * weight : 0.04 + 0.3 * weight).toFixed(3));
}

function strongestOf(values, from, n) {
  let strongest = 0;
  for (let i = 1; i < n; i++) if (values[from + i] > values[from + strongest]) strongest = i;
  return strongest;
}

/**
 * When the head began to read the antecedent, and when the answer became right.
 * @param {Context} context
 */
export function drawBirths(context) {
  const { t, reading, selected } = context;
  const recorded = recordedReadings(context);
  const births = recorded === null ? null : birthsOf(context, recorded);
  if (births === null) return null;
  const heads = selected.map(([layer, head]) => headName(t, layer, head)).join(", ");
  const values = { heads, word: births.word, pronoun: textOf(reading, reading.pronoun) };
  const say = (kind, step) => {
    const which = step === null ? "never" : step === births.first ? "always" : "at";
    const key = `film.${kind}.${which}`;
    const [before, after] = t(key, { ...values, step: "\u0000" }).split("\u0000");
    if (after === undefined) return t(key, { ...values, step: t.step(births.first) });
    return [before, make("strong", null, t.step(step)), after];
  };
  return make("p", { class: "film-births" },
    make("span", null, say(selected.length === 1 ? "head" : "heads", births.head)), " ",
    make("span", null, say("answer", births.answer)));
}
