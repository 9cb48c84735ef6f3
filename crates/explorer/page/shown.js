// The attention that is drawn: heads put together, words folded, special tokens hidden, the rest cut off.

import { foldMatrix, groupTokens } from "./fold.js";
import { memo } from "./memo.js";

const SCALE = 1 / 65535;

/**
 * The weight from one token to another.
 * @param {Attention} attention
 * @param {number} layer
 * @param {number} head
 * @param {number} query
 * @param {number} key
 */
export function weightAt(attention, layer, head, query, key) {
  const { heads, seq, weights } = attention;
  return weights[((layer * heads + head) * seq + query) * seq + key] * SCALE;
}

/**
 * Several heads summed or averaged.
 * @param {Attention} attention
 * @param {Head[]} selected
 * @param {string} combine "mean" or "sum"
 */
export function combineHeads(attention, selected, combine) {
  const { heads, seq, weights } = attention;
  const result = new Float32Array(seq * seq);
  const scale = combine === "sum" ? SCALE : SCALE / selected.length;
  for (const [layer, head] of selected) {
    const from = (layer * heads + head) * seq * seq;
    for (let i = 0; i < result.length; i++) result[i] += weights[from + i] * scale;
  }
  return result;
}

/**
 * How much the pronoun reads the word that is the answer, by one head; 0 without an answer.
 * @param {Reading} reading
 * @param {number} layer
 * @param {number} head
 */
export function answerWeight(reading, layer, head) {
  const { answer, attention, tokens, pronoun_token } = reading;
  if (answer === null || !attention) return 0;
  return tokens.reduce((sum, { word }, i) => (
    word === answer ? sum + weightAt(attention, layer, head, pronoun_token, i) : sum), 0);
}

/**
 * The head that reads the answer most, the first of equals.
 * @param {AttentiveReading} reading
 */
export function strongestHead(reading) {
  /** @type {Head} */
  let strongest = [0, 0];
  let greatest = -1;
  for (let layer = 0; layer < reading.attention.layers; layer++) {
    for (let head = 0; head < reading.attention.heads; head++) {
      const weight = answerWeight(reading, layer, head);
      if (weight > greatest) [greatest, strongest] = [weight, [layer, head]];
    }
  }
  return strongest;
}

/**
 * The heads of the state that the reading has; else the one that reads the answer most.
 * @param {Reading | null} reading
 * @param {State} state
 * @returns {Head[]}
 */
export function selectedHeads(reading, state) {
  if (!hasAttention(reading)) return [];
  const { layers, heads } = reading.attention;
  const isThere = ([layer, head]) => layer < layers && head < heads;
  const wanted = (state.selected ?? []).filter(isThere);
  return wanted.length > 0 ? wanted : [strongestHead(reading)];
}

/**
 * @param {Reading | null | undefined} reading
 * @returns {reading is AttentiveReading}
 */
export function hasAttention(reading) {
  return Boolean(reading?.attention);
}

/**
 * Rows and columns to draw.
 * @param {Reading} reading
 * @param {State} state
 * @returns {Axis}
 */
export function shownAxis(reading, state) {
  const groups = groupTokens(reading.tokens, state.fold, state.special === "show");
  const masked = new Set(state.masked);
  const place = (word) => groups.findIndex((group) => word !== null && reading.tokens[group[0]].word === word);
  const antecedent = reading.antecedent === null ? null : wordAt(reading, reading.candidates[reading.antecedent]);
  return {
    n: groups.length,
    groups,
    labels: groups.map((group) => label(reading, group, state.fold)),
    isSpecial: groups.map((group) => reading.tokens[group[0]].word === null),
    isMasked: groups.map((group) => group.every((token) => masked.has(token))),
    pronoun: groups.findIndex((group) => group.includes(reading.pronoun_token)),
    answer: place(reading.answer),
    antecedent: place(antecedent),
  };
}

/**
 * The first word within a span.
 * @param {Reading} reading
 * @param {Span | null} span
 */
export function wordAt(reading, span) {
  const found = reading.words.findIndex((word) => span && overlap(word, span));
  return found < 0 ? null : found;
}

/**
 * Whether two spans have a character in common.
 * @param {Span} a
 * @param {Span} b
 */
export function overlap(a, b) {
  return a[0] < b[1] && b[0] < a[1];
}

/** @param {Reading} reading */
function label(reading, group, isFolded) {
  const token = reading.tokens[group[0]];
  if (isFolded && token.word !== null) return textOf(reading, reading.words[token.word]);
  return token.text;
}

/**
 * A part of a text. Spans count characters, not UTF-16 units.
 * @param {{ text: string }} reading
 * @param {Span} span
 */
export function textOf(reading, [start, end]) {
  return Array.from(reading.text).slice(start, end).join("");
}

/**
 * [n, n] as the state wants it: folded and, if special tokens are to be left out of account, scaled to rows of 1.
 * @param {Axis} axis
 * @param {State} state
 */
export function shownMatrix(weights, seq, axis, state) {
  const matrix = foldMatrix(weights, seq, axis.groups);
  if (state.special !== "rescale") return matrix;
  for (let row = 0; row < axis.n; row++) {
    const cells = matrix.subarray(row * axis.n, (row + 1) * axis.n);
    const total = cells.reduce((sum, weight) => sum + weight, 0);
    if (total > 0) for (let i = 0; i < cells.length; i++) cells[i] /= total;
  }
  return matrix;
}

// For each row the smallest weight to draw, so that the drawn ones are `top` percent of the row.
export function rowFloors(matrix, n, top) {
  const floors = new Float32Array(n);
  if (top >= 100) return floors;
  for (let row = 0; row < n; row++) {
    const sorted = matrix.slice(row * n, (row + 1) * n).sort();
    const wanted = sorted.reduce((sum, weight) => sum + weight, 0) * top / 100;
    let i = n;
    for (let sum = 0; i > 0 && sum < wanted;) sum += sorted[--i];
    floors[row] = i < n ? sorted[i] : Infinity;
  }
  return floors;
}

// Most changes of the state leave the axis and the attention as they are. The same object comes back as long
// as the same tokens are shown, which lets a view keep what it has built.
const axisOf = memo(shownAxis,
  (reading, state) => [reading, JSON.stringify([state.fold, state.special, state.masked])]);

/**
 * The attention of the reading that is drawn.
 * @type {(reading: AttentiveReading, state: State) => Shown}
 */
export const shownAttention = memo(attentionOf, (reading, state) => {
  const { combine, fold, special, top, masked } = state;
  return [reading, JSON.stringify([selectedHeads(reading, state), combine, fold, special, top, masked])];
});

/**
 * @param {AttentiveReading} reading
 * @param {State} state
 */
function attentionOf(reading, state) {
  const selected = selectedHeads(reading, state);
  const axis = axisOf(reading, state);
  const combined = combineHeads(reading.attention, selected, state.combine);
  const matrix = shownMatrix(combined, reading.attention.seq, axis, state);
  return { ...axis, axis, selected, matrix, floors: rowFloors(matrix, axis.n, state.top) };
}
