// Stations about causes: a head switched off, and each word hidden in turn.

import { rankCorrelation } from "../arithmetic.js";
import { barTable } from "../bars.js";
import { decidingHeads } from "../deciding.js";
import { make } from "../dom.js";
import { methodName } from "../head-causes.js";
import { headName, shortHead } from "../head-picker.js";
import { answerWeight, textOf } from "../shown.js";
import { ONE_POINT } from "../unmoved.js";
import { probabilityOf } from "../word-strip.js";
import { followedHead, readProbe, ROBOT, study } from "./ask.js";
import { allHeads, greatestWord, meanWordWeights, tokensOfWord, wordName } from "./measure.js";
import { answerName, antecedentOf } from "./robot.js";

// Each head and each word is a question to the model: of a large model or a long text, only the first are asked.
const MAX_QUESTIONS = 36;

/** @type {Station} */
export const causeStation = {
  id: "cause",
  probes: [ROBOT],
  // Where no head moves the answer of the robot's sentence, one is found in which some head does.
  study: (context) => study(context, [readProbe(context.run, ROBOT)], ({ readings: [reading] }) => {
    const { word, place } = followedHead(reading, antecedentOf(reading));
    const weight = ([layer, head]) => answerWeight({ ...reading, answer: word }, layer, head);
    const heads = allHeads(reading.attention).sort((x, y) => weight(y) - weight(x)).slice(0, MAX_QUESTIONS);
    return study(context, heads.map((head) => readProbe(context.run, ROBOT, { ablated: [head] })), (...answers) => {
      const ofRobot = {
        reading, word, place, before: probabilityOf(reading, word), probe: null,
        rows: answers.map(({ readings: [changed] }, i) => ({
          place: heads[i], weight: weight(heads[i]), after: probabilityOf(changed, word), answer: changed.answer,
        })),
      };
      return isMovable(ofRobot) ? ofRobot : movableFacts(context, ofRobot);
    });
  }),
  sentence: ({ probe }) => probe,
  note: (t, { probe }) => (probe ? t("lesson.cause.other_sentence") : null),
  words: (t, { reading, word, place, rows }) => ({
    pronoun: textOf(reading, reading.pronoun),
    head: headName(t, place[0], place[1]), answer: answerName(t, reading, word), weight: t.percent(rows[0].weight),
  }),
  options: (t) => ["same", "unsure", "other"].map((name) => t(`lesson.cause.${name}`)),
  right({ reading, before, rows: [strongest] }) {
    if (strongest.answer !== reading.answer) return 2;
    return before - strongest.after >= 0.1 ? 1 : 0;
  },
  reveal(context, facts) {
    const { t, run, patch } = context;
    const { reading, word, before, rows } = facts;
    const [strongest] = rows;
    const worst = rows.reduce((found, row) => (row.after < found.after ? row : found));
    const answer = answerName(t, reading, word);
    const isPart = causeStation.right(facts) !== 0;
    return [
      make("p", null, t("lesson.cause.shown", {
        answer, before: t.percent(before), after: t.percent(strongest.after),
        now: answerName(t, reading, strongest.answer),
      }), " ",
        t(isPart ? "lesson.cause.part" : "lesson.cause.witness"), " ",
        before - worst.after < ONE_POINT ? t("lesson.cause.none_costs") : t("lesson.cause.worst",
          { answer, head: headName(t, worst.place[0], worst.place[1]), after: t.percent(worst.after) })),
      barTable(t("lesson.cause.caption"), [
        t("causal.head"), t("lesson.cause.looks", { answer }), t("lesson.cause.keeps", { answer }),
      ], rows.map((row) => ({
        head: shortHead(...row.place), mark: row === worst ? "is-answer" : null,
        cells: [
          { text: t.percent(row.weight), share: row.weight }, { text: t.percent(row.after, 2), share: row.after },
        ],
      }))),
      make("p", null,
        make("button", {
          type: "button", class: "link", "data-key": "lesson-causal", on: { click: () => patch({ view: "causal" }) },
        }, moreText(t, run))),
    ];
  },
  open: ({ place, probe }) => ({ view: "model", probe: probe?.id ?? ROBOT, selected: [place] }),
};

function isMovable({ reading, before, rows }) {
  return rows.some(({ after, answer }) => answer !== reading.answer || Math.abs(before - after) >= ONE_POINT);
}

/**
 * The facts of the sentence in which a head decides; those of the robot's where there is none.
 * @param {Context} context
 * @returns {any} facts, or a study that is under way
 */
function movableFacts(context, ofRobot) {
  const entry = decidingHeads(context);
  if (entry.status === "loading") return entry;
  if (entry.status !== "ready" || !entry.facts.counts.isNeeded) return ofRobot;
  const { probe, reading, before, trials } = entry.facts;
  const rows = [...trials].sort((a, b) => b.weight - a.weight);
  return { reading, word: reading.answer, place: rows[0].place, before, probe, rows };
}

/**
 * Of how many sentences the view of causes speaks, where that was measured.
 * @param {Translator} t
 * @param {Run} run
 */
function moreText(t, { heads }) {
  const view = t("view.causal");
  return heads ? t("lesson.cause.more", { view, n: t.number(heads.n) }) : t("lesson.cause.more_unmeasured", { view });
}

/** @type {Station} */
export const explainsStation = {
  id: "explains",
  probes: [ROBOT],
  study: (context) => study(context, [readProbe(context.run, ROBOT)], ({ readings: [reading] }) => {
    const answer = reading.answer ?? antecedentOf(reading);
    const others = reading.words.map((_, word) => word).filter((word) => word !== reading.pronoun_word);
    const words = others.slice(0, MAX_QUESTIONS);
    return study(context, words.map((word) => readProbe(context.run, ROBOT,
      { masked: tokensOfWord(reading, word) })), (...answers) => {
      const weights = meanWordWeights(reading, reading.pronoun_token);
      const rows = words.map((word, i) => ({
        word, weight: weights[word], after: probabilityOf(answers[i].readings[0], answer),
      }));
      return {
        reading, answer, rows, before: probabilityOf(reading, answer),
        read: greatestWord(weights, [reading.pronoun_word]),
        worst: rows.reduce((found, row) => (row.after < found.after ? row : found)),
        likeness: rankCorrelation(rows.map(({ weight }) => weight), rows.map(({ after }) => -after)),
      };
    });
  }),
  words: (t, { reading, answer }) => ({ answer: answerName(t, reading, answer) }),
  pick: (_, { reading }) => ({ reading, without: [reading.pronoun_word] }),
  right: ({ worst }) => worst.word,
  shown: (t, { rows }, choice) => t.percent(rows.find(({ word }) => word === choice)?.after ?? 1, 2),
  reveal({ t, run }, { reading, answer, rows, before, read, worst, likeness }) {
    const values = {
      answer: answerName(t, reading, answer), word: wordName(reading, worst.word), read: wordName(reading, read),
      weight: t.percent(rows.find(({ word }) => word === read).weight), before: t.percent(before),
      after: t.percent(worst.after),
    };
    return [
      make("p", null,
        t(before - worst.after < ONE_POINT ? "lesson.explains.little" : "lesson.explains.shown", values), " ",
        t(read === worst.word ? "lesson.explains.agree" : "lesson.explains.differ"), " ",
        likeness === null ? null : t("lesson.explains.correlation", { rho: t.number(likeness, 2) })),
      barTable(t("lesson.explains.caption", values), [
        t("lesson.word"), t("lesson.weight"), t("lesson.explains.hidden", values),
      ], rows.map(({ word, weight, after }) => ({
        head: wordName(reading, word), mark: word === worst.word ? "is-answer" : null,
        cells: [{ text: t.percent(weight), share: weight }, { text: t.percent(after, 2), share: after }],
      }))),
      methodsLine(t, run),
      make("p", { class: "moral" }, t("lesson.explains.end")),
    ];
  },
  open: () => ({ view: "causal", probe: ROBOT }),
};

/** @param {Translator} t */
function methodsLine(t, { heads }) {
  const attention = heads?.methods?.find(({ name }) => name === "attention");
  if (!attention) return null;
  const best = heads.methods.reduce((found, method) => (
    method.rank_correlation > found.rank_correlation ? method : found));
  return make("p", null, t("lesson.explains.methods", {
    n: t.number(attention.n), attention: t.number(attention.rank_correlation, 2), best: methodName(t, best.name),
    rho: t.number(best.rank_correlation, 2),
  }));
}
