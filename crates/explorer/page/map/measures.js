// What can be said of the activations of a token: lengths, directions, and the scores of the pointer.

import { cosine, softmax } from "../arithmetic.js";

/** @param {ArrayLike<number>} vector */
export function lengthOf(vector) {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}

/**
 * Row `index` of a matrix that is written row after row.
 * @param {Float32Array} matrix
 * @param {number} index
 * @param {number} width
 */
export function rowOf(matrix, index, width) {
  return matrix.subarray(index * width, (index + 1) * width);
}

/**
 * The residual stream from part to part: after the embedding, and after what attention and the feed-forward network
 * of each block have added. Where the norms stand after the sums, only what leaves a block is known.
 * @param {Activations} seen
 * @returns {{ part: string, layer: number, length: number, ofStart: number, ofEnd: number }[]} `ofStart` and `ofEnd`
 *   are the cosines with the first and with the last vector
 */
export function streamSteps(seen) {
  const { n_layers, d_model } = seen;
  const vectors = [{ part: "embedding", layer: -1, vector: rowOf(seen.residual, 0, d_model) }];
  for (let layer = 0; layer < n_layers; layer++) {
    if (seen.norm === "before") {
      const added = rowOf(seen.attention, layer, d_model);
      const vector = rowOf(seen.residual, layer, d_model).map((value, i) => value + added[i]);
      vectors.push({ part: "attention", layer, vector });
    }
    vectors.push({ part: "feed_forward", layer, vector: rowOf(seen.residual, layer + 1, d_model) });
  }
  const [start, end] = [vectors[0].vector, vectors[vectors.length - 1].vector];
  return vectors.map(({ part, layer, vector }) => ({
    part, layer, length: lengthOf(vector), ofStart: cosine(vector, start), ofEnd: cosine(vector, end),
  }));
}

/**
 * The score of each word and, last, of none; and their softmax.
 * @param {Activations} seen
 * @param {Reading} reading
 */
export function pointerScores(seen, { words, tokens }) {
  const { d_model, hidden, wanted, none } = seen;
  const product = (/** @type {Float32Array} */ vector) => vector.reduce((sum, value, i) => sum + value * wanted[i], 0);
  const firstToken = (/** @type {number} */ word) => tokens.findIndex((token) => token.word === word);
  const scores = Float64Array.from([
    ...words.map((_, word) => product(rowOf(hidden, firstToken(word), d_model))), product(none),
  ]);
  return { scores, probabilities: softmax(scores, new Set()).weights };
}

/**
 * The angle by which a pair of numbers of queries and keys is turned at a position, in turns from 0 to 1.
 * @param {number} position
 * @param {number} pair
 * @param {{ theta: number | null, d_head: number | null }} positions
 */
export function turnOf(position, pair, { theta, d_head }) {
  const angle = position / (theta ?? 1) ** ((2 * pair) / (d_head ?? 1));
  return (angle / (2 * Math.PI)) % 1;
}

/**
 * The strongest inner activations, as [index, value].
 * @param {Float32Array} inner
 * @param {number} n
 * @returns {[number, number][]}
 */
export function strongestUnits(inner, n) {
  const order = Array.from(inner, (_, i) => i).sort((a, b) => Math.abs(inner[b]) - Math.abs(inner[a]));
  return order.slice(0, n).map((i) => [i, inner[i]]);
}
