// Stations that look into one head: what queries, keys and values are for, and the four steps.

import { attentionSteps, cosine, withSwappedKeys } from "../arithmetic.js";
import { barTable } from "../bars.js";
import { make } from "../dom.js";
import { headName } from "../head-picker.js";
import { drawMachine } from "../machine.js";
import { wordAt } from "../shown.js";
import { drawUnfolded, withPowers } from "../unfolded.js";
import { drawSteps } from "../views/steps.js";
import { drawCards, drawSwap } from "./cards.js";
import { followedHead, readProbe, ROBOT, study, vectorsOfProbe } from "./ask.js";
import { tokensOfWord, wordName } from "./measure.js";
import { answerName, antecedentOf } from "./robot.js";

const NO_MASK = new Set();

/**
 * The head that is followed, its vectors, and the two candidates: `a` is the one that weighs more.
 * @param {Context} context
 */
function studyHead(context) {
  return study(context, [readProbe(context.run, ROBOT)], ({ readings: [reading] }) => {
    const { word, place } = followedHead(reading, antecedentOf(reading));
    return study(context, [vectorsOfProbe(context.run, ROBOT, place)], (vectors) => {
      const query = reading.pronoun_token;
      const steps = attentionSteps(vectors, query, NO_MASK);
      const heaviest = (span) => tokensOfWord(reading,
        wordAt(reading, span)).reduce((best, token) => (steps.weights[token] > steps.weights[best] ? token : best));
      const [a, b] = reading.candidates.map(heaviest).sort((x, y) => steps.weights[y] - steps.weights[x]);
      return { reading, word, place, vectors, query, steps, a, b };
    });
  });
}

/** @param {AttentiveReading} reading */
function pairNames(reading, a, b) {
  return { a: wordName(reading, reading.tokens[a].word), b: wordName(reading, reading.tokens[b].word) };
}

/** @type {Station} */
export const vectorsStation = {
  id: "vectors",
  probes: [ROBOT],
  study: studyHead,
  words: (t, { reading, word, place, vectors, a, b }) => ({
    d_head: vectors.d_head, head: headName(t, place[0], place[1]), answer: answerName(t, reading, word),
    ...pairNames(reading, a, b),
  }),
  picture: (t, { reading, vectors, query, place }) => drawCards(t, {
    vectors, token: query, word: reading.tokens[query].text, head: headName(t, place[0], place[1]),
  }),
  options: (t, facts) => [
    "same", "swapped", "half",
  ].map((name) => t(`lesson.vectors.${name}`, pairNames(facts.reading, facts.a, facts.b))),
  right: () => 1, // the scores go with the keys, whatever the model
  reveal({ t }, { reading, vectors, query, steps, place, a, b }) {
    const swapped = attentionSteps(withSwappedKeys(vectors, a, b), query, NO_MASK);
    const names = pairNames(reading, a, b);
    const percent = (found, token) => t.percent(found.weights[token]);
    const cell = (found, token) => ({ text: percent(found, token), share: found.weights[token] });
    return [
      make("p", null, t("lesson.vectors.shown", {
        ...names, a_before: percent(steps, a), b_before: percent(steps, b), a_after: percent(swapped, a),
        b_after: percent(swapped, b),
      })),
      drawSwap(t, {
        vectors, tokens: [a, b], words: [names.a, names.b], weights: [percent(swapped, a), percent(swapped, b)],
      }),
      barTable(headName(t, place[0], place[1]), [
        t("lesson.word"), t("lesson.vectors.before"), t("lesson.vectors.after"),
      ],
        reading.tokens.map((token, i) => ({
          head: token.text, mark: i === a || i === b ? "is-answer" : null, cells: [cell(steps, i), cell(swapped, i)],
        }))),
      make("p", null, t("lesson.vectors.why", { ...names, cosine: t.number(cosine(steps.output, swapped.output), 2) })),
    ];
  },
  open: ({ place }) => ({ view: "neuron", probe: ROBOT, selected: [place] }),
};

/** @type {Station} */
export const fourStation = {
  id: "four",
  probes: [ROBOT],
  study: studyHead,
  words: (t, { reading, place, vectors, steps, a, b }) => ({
    d_head: vectors.d_head, head: headName(t, place[0], place[1]), ...pairNames(reading, a, b),
    a_score: t.number(steps.scores[a], 2), b_score: t.number(steps.scores[b], 2), ...ratioWords(t, steps, a, b),
  }),
  options: (t, { steps, a, b }) => [
    "linear", "exponential", "proportional",
  ].map((name) => t(`lesson.four.${name}`, ratioWords(t, steps, a, b))),
  right: () => 1, // the softmax is what it is, whatever the model
  reveal(context, { reading, vectors, steps, place, query, a, b }) {
    const { t, state, patch } = context;
    const key = state.key !== null && state.key >= 0 && state.key < reading.tokens.length ? state.key : a;
    return [
      make("p", null, withPowers(t("lesson.four.shown", {
        ...pairNames(reading, a, b), a_weight: t.number(steps.weights[a], 4), b_weight: t.number(steps.weights[b], 4),
        ...ratioWords(t, steps, a, b),
      })), " ", t("lesson.four.why")),
      drawMachine(context, { reading, vectors, steps, layer: place[0], head: place[1], query, key }),
      make("div", { class: "steps-parts" },
        drawSteps(context, {
          reading, vectors, steps, layer: place[0], head: place[1], query, key,
          choose: (token) => patch({ key: token }), all: true,
        }),
        drawUnfolded(context, { reading, vectors, steps, query, key, isMasked: false })),
    ];
  },
  open: ({ place }) => ({ view: "steps", probe: ROBOT, selected: [place] }),
};

/**
 * The lead of the heavier word, and how many times it weighs more.
 * @param {Translator} t
 */
function ratioWords(t, { scores }, a, b) {
  const difference = scores[a] - scores[b];
  const ratio = Math.exp(difference);
  return { difference: t.number(difference, 2), ratio: t.number(ratio, ratio < 10 ? 2 : ratio < 100 ? 1 : 0) };
}
