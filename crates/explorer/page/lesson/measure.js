// What the lesson computes from the model's answers: every number and word that it shows as a result.

import { answerWeight, textOf, weightAt } from "../shown.js";

/**
 * How much the token `query` reads each word, in one head.
 * @param {AttentiveReading} reading
 */
export function wordWeights(reading, layer, head, query) {
  const weights = new Array(reading.words.length).fill(0);
  reading.tokens.forEach((token, key) => {
    if (token.word !== null) weights[token.word] += weightAt(reading.attention, layer, head, query, key);
  });
  return weights;
}

/**
 * @param {Attention} attention
 * @returns {Head[]}
 */
export function allHeads({ layers, heads }) {
  return Array.from({ length: layers * heads }, (_, i) => [Math.floor(i / heads), i % heads]);
}

/**
 * The same, in the mean over the heads of all layers.
 * @param {AttentiveReading} reading
 */
export function meanWordWeights(reading, query) {
  const heads = allHeads(reading.attention);
  const rows = heads.map(([layer, head]) => wordWeights(reading, layer, head, query));
  return rows[0].map((_, word) => rows.reduce((sum, row) => sum + row[word], 0) / rows.length);
}

// The word with the greatest weight, some left out; -1 if none is left.
export function greatestWord(weights, without) {
  return weights.reduce((best, weight, word) => (
    !without.includes(word) && (best < 0 || weight > weights[best]) ? word : best), -1);
}

/** @param {AttentiveReading} reading */
export function wordName(reading, word) {
  return textOf(reading, reading.words[word]);
}

/** @param {AttentiveReading} reading */
export function findWord(reading, text) {
  return reading.words.findIndex((span) => textOf(reading, span) === text);
}

/** @param {AttentiveReading} reading */
export function tokensOfWord(reading, word) {
  return reading.tokens.flatMap((token, i) => (token.word === word ? [i] : []));
}

/**
 * Of the attention of `query` in a layer, mean over its heads: to words before, itself, words after, special tokens.
 * @param {AttentiveReading} reading
 */
export function attentionSides(reading, layer, query) {
  const sides = { before: 0, itself: 0, after: 0, special: 0 };
  const { heads } = reading.attention;
  const word = reading.tokens[query].word;
  for (let head = 0; head < heads; head++) {
    reading.tokens.forEach((token, key) => {
      const side = token.word === null || word === null ? "special"
        : token.word === word ? "itself" : token.word < word ? "before" : "after";
      sides[side] += weightAt(reading.attention, layer, head, query, key) / heads;
    });
  }
  return sides;
}

/**
 * What a snapshot's reading puts on a word of the reading that is followed, in one head.
 * @param {AttentiveReading} reading
 */
export function weightOnWord(reading, word, layer, head) {
  return answerWeight({ ...reading, answer: word }, layer, head);
}

// Where a series [[step, weight], …] passes half of its last weight for good: { place, step }.
export function halfway(series) {
  const goal = series.at(-1)[1] / 2;
  let place = series.length - 1;
  while (place > 0 && series[place - 1][1] >= goal) place--;
  return { place, step: series[place][0] };
}

// The greatest rise from one weight of a series to the next: { from, to, rise }, with the steps of both.
export function greatestRise(series) {
  let best = { from: series[0][0], to: series[0][0], rise: 0 };
  for (let i = 1; i < series.length; i++) {
    const rise = series[i][1] - series[i - 1][1];
    if (rise > best.rise) best = { from: series[i - 1][0], to: series[i][0], rise };
  }
  return best;
}

// At most `max` items at equal distances, the first and the last among them.
export function sample(items, max) {
  if (items.length <= max) return items;
  return Array.from({ length: max }, (_, i) => items[Math.round(i * (items.length - 1) / (max - 1))]);
}
