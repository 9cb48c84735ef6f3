// Stations about the sentence of the robot: who is meant, attention to both sides at once, and its minimal pair.

import { barTable } from "../bars.js";
import { make } from "../dom.js";
import { headName } from "../head-picker.js";
import { wordAt } from "../shown.js";
import { probabilityOf } from "../word-strip.js";
import { followedHead, readProbe, ROBOT, ROBOT_TWIN, study } from "./ask.js";
import { drawRace } from "./race.js";
import { attentionSides, greatestWord, wordName, wordWeights } from "./measure.js";

/**
 * A word, or none.
 * @param {Translator} t
 * @param {AttentiveReading} reading
 */
export function answerName(t, reading, word) {
  return word === null || word < 0 ? t("lesson.none") : wordName(reading, word);
}

/** @param {AttentiveReading} reading */
export function antecedentOf(reading) {
  return reading.antecedent === null ? null : wordAt(reading, reading.candidates[reading.antecedent]);
}

/** @type {Station} */
export const asksStation = {
  id: "asks",
  probes: [ROBOT],
  study: (context) => study(context, [readProbe(context.run, ROBOT)], ({ readings: [reading] }) => ({ reading })),
  pick: (_, { reading }) => ({ reading, without: [reading.pronoun_word], withNone: true }),
  right: ({ reading }) => reading.answer ?? -1,
  shown: (t, { reading }, word) => t.percent(probabilityOf(reading, word < 0 ? null : word)),
  reveal({ t }, { reading }) {
    const antecedent = antecedentOf(reading);
    const isRight = reading.answer === antecedent;
    const { probabilities } = reading;
    const order = probabilities.map((_, word) => word).sort((a, b) => probabilities[b] - probabilities[a]);
    return [
      make("p", null, t("lesson.asks.shown", {
        answer: answerName(t, reading, reading.answer), p: t.percent(probabilityOf(reading, reading.answer)),
      }), " ",
        t(isRight ? "lesson.asks.model_right" : "lesson.asks.model_wrong",
          { antecedent: answerName(t, reading, antecedent) })),
      barTable(reading.text, [t("lesson.word"), t("lesson.probability")], order.slice(0, 5).map((word) => ({
        head: word === reading.words.length ? t("lesson.none") : wordName(reading, word),
        mark: word === reading.answer ? "is-answer" : null,
        cells: [{ text: t.percent(reading.probabilities[word]), share: reading.probabilities[word] }],
      }))),
    ];
  },
  open: () => ({ view: "heads", probe: ROBOT }),
};

/**
 * Without punctuation.
 * @param {AttentiveReading} reading
 */
function writtenWords(reading) {
  return reading.words.map((_, word) => wordName(reading, word)).filter((name) => /\p{L}/u.test(name));
}

/** @type {Station} */
export const parallelStation = {
  id: "parallel",
  probes: [ROBOT],
  study: (context) => study(context, [readProbe(context.run, ROBOT)], ({ readings: [reading] }) => {
    const layers = Array.from({ length: reading.attention.layers },
      (_, layer) => attentionSides(reading, layer, reading.pronoun_token));
    const mean = (side) => layers.reduce((sum, sides) => sum + sides[side], 0) / layers.length;
    return {
      reading, layers, before: mean("before"), itself: mean("itself"), after: mean("after"), special: mean("special"),
    };
  }),
  picture: (t, { reading }) => drawRace(t, writtenWords(reading)),
  words(_, { reading }) {
    const names = writtenWords(reading);
    return { first: names[0], last: names.at(-1), steps: names.length - 1 };
  },
  options: (t) => ["nothing", "less", "more"].map((name) => t(`lesson.parallel.${name}`)),
  right: ({ after }) => (after < 0.005 ? 0 : after < 0.5 ? 1 : 2),
  reveal({ t }, { layers, before, itself, after, special }) {
    const sides = ["before", "itself", "after", "special"];
    return [
      make("p", null,
        t("lesson.parallel.shown", {
          left: t.percent(before), self: t.percent(itself), right: t.percent(after), special: t.percent(special),
        })),
      barTable(t("lesson.parallel.caption"), [
        t("lesson.parallel.layer"), ...sides.map((side) => t(`lesson.parallel.${side}`)),
      ],
        layers.map((row, layer) => ({
          head: String(layer + 1), cells: sides.map((side) => ({ text: t.percent(row[side], 0), share: row[side] })),
        }))),
      make("p", null, t("lesson.parallel.why")),
    ];
  },
  open: () => ({ view: "heads", probe: ROBOT }),
};

/** @type {Station} */
export const twinsStation = {
  id: "twins",
  probes: [ROBOT, ROBOT_TWIN],
  study: (context) => study(context, [
    readProbe(context.run, ROBOT), readProbe(context.run, ROBOT_TWIN),
  ], (one, two) => {
    const [first, second] = [one.readings[0], two.readings[0]];
    const { place } = followedHead(first, antecedentOf(first));
    const rows = [first, second].map((reading) => wordWeights(reading, ...place, reading.pronoun_token));
    const most = [first, second].map((reading, i) => greatestWord(rows[i], [reading.pronoun_word]));
    return { first, second, place, rows, most };
  }),
  words: (t, { place }) => ({ head: headName(t, place[0], place[1]) }),
  pick: (_, { second }) => ({ reading: second, without: [second.pronoun_word] }),
  right: ({ most }) => most[1],
  shown: (t, { rows }, word) => t.percent(rows[1][word]),
  reveal({ t }, facts) {
    const { first, second, rows, most } = facts;
    const names = { word: wordName(second, most[1]), other: wordName(first, most[0]) };
    return [
      make("p", null, t("lesson.twins.shown", {
        ...names, weight: t.percent(rows[1][most[1]]), other_weight: t.percent(rows[0][most[0]]),
      }), " ",
        t(names.word === names.other ? "lesson.twins.stayed" : "lesson.twins.moved")),
      twinTable(t, facts),
      make("p", null, twinAnswers(t, first, second)),
    ];
  },
  open: ({ place }) => ({ view: "heads", probe: ROBOT_TWIN, selected: [place] }),
};

/**
 * Word beside word, if both sentences have as many.
 * @param {Translator} t
 */
function twinTable(t, { first, second, rows, most, place }) {
  const caption = headName(t, place[0], place[1]);
  const heading = [t("lesson.word"), t("lesson.twins.first"), t("lesson.twins.second")];
  const cell = (row, word) => (row[word] === undefined ? null : { text: t.percent(row[word]), share: row[word] });
  return barTable(caption, heading, second.words.map((_, word) => {
    const [a, b] = [first.words[word] ? wordName(first, word) : "–", wordName(second, word)];
    return {
      head: a === b ? a : `${a} / ${b}`, mark: most.includes(word) ? "is-answer" : null,
      cells: [cell(rows[0], word), cell(rows[1], word)],
    };
  }));
}

/** @param {Translator} t */
function twinAnswers(t, first, second) {
  const values = {
    first: answerName(t, first, first.answer), second: answerName(t, second, second.answer),
    first_right: answerName(t, first, antecedentOf(first)), second_right: answerName(t, second, antecedentOf(second)),
  };
  const areRight = first.answer === antecedentOf(first) && second.answer === antecedentOf(second);
  return t(areRight ? "lesson.twins.both_right" : "lesson.twins.not_both", values);
}
