// What the map says of the vectors inside the model: lengths, angles, and how the answer comes from them.

import { cosine, softmax } from "./arithmetic.js";

/** @param {ArrayLike<number>} vector */
export function lengthOf(vector) {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}

/**
 * Row `i` of an array whose rows have `width` numbers.
 * @param {Float32Array} array
 */
export function rowOf(array, i, width) {
  return array.subarray(i * width, (i + 1) * width);
}

/**
 * By which angle rotary positions turn a pair of dimensions, in radians.
 * @param {{ theta: number, d_head: number }} positions
 */
export function pairAngle({ theta, d_head }, position, pair) {
  return position * theta ** (-2 * pair / d_head);
}

/**
 * The pointer's scores and probabilities, of each word and of none, last, and how far they are from the model's.
 * @param {Activations} activations
 * @param {Reading} reading
 */
export function pointerOf({ hidden, wanted, none, d_model }, { words, tokens, probabilities }) {
  const firsts = words.map((_, word) => tokens.findIndex((token) => token.word === word));
  const vectors = [...firsts.map((token) => rowOf(hidden, token, d_model)), none];
  const scores = Float64Array.from(vectors, (vector) => vector.reduce((sum, value, i) => sum + value * wanted[i], 0));
  const { weights } = softmax(scores, new Set());
  const difference = Math.max(...Array.from(weights, (weight, i) => Math.abs(weight - probabilities[i])));
  return { scores, probabilities: weights, difference };
}

/**
 * The stream after each part: its length, and its cosine with what it began as. Where the norms stand after the
 * parts, what is between the two parts of a block is not known.
 * @param {Activations} activations
 * @returns {{ part: string, block: number, length: number, kept: number }[]}
 */
export function streamOf({ residual, attention, norm, n_layers, d_model }) {
  const start = rowOf(residual, 0, d_model);
  const at = (part, block, vector) => ({ part, block, length: lengthOf(vector), kept: cosine(vector, start) });
  const stages = [at("embedding", 0, start)];
  for (let block = 0; block < n_layers; block++) {
    const before = rowOf(residual, block, d_model);
    const added = rowOf(attention, block, d_model);
    if (norm === "before") stages.push(at("attention", block, before.map((value, i) => value + added[i])));
    stages.push(at("feed", block, rowOf(residual, block + 1, d_model)));
  }
  return stages;
}

/**
 * How many activations are at least a tenth of the greatest, and the places of the greatest ones.
 * @param {Float32Array} inner
 */
export function activeOf(inner, n = 5) {
  const order = Array.from(inner, (_, i) => i).sort((a, b) => Math.abs(inner[b]) - Math.abs(inner[a]));
  const floor = Math.abs(inner[order[0]]) / 10;
  return { n: inner.filter((value) => Math.abs(value) >= floor && value !== 0).length, strongest: order.slice(0, n) };
}
