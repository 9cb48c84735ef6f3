// The arithmetic of the map, against numbers worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activeOf, lengthOf, pairAngle, pointerOf, rowOf, streamOf } from "../../../page/map-numbers.js";

const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, expected ${expected}`);

test("lengths and rows", () => {
  assert.equal(lengthOf([3, 0, -4]), 5);
  assert.deepEqual([...rowOf(Float32Array.from([1, 2, 3, 4]), 1, 2)], [3, 4]);
});

test("the first pair turns by the position, the later ones more slowly", () => {
  const positions = { theta: 10000, d_head: 4 };
  near(pairAngle(positions, 7, 0), 7);
  near(pairAngle(positions, 7, 1), 0.07);
});

// One block of two dimensions: (3, 0), then + (0, 4), then + (-3, 0).
const NUMBERS = {
  n_layers: 1, d_model: 2, norm: "before", residual: Float32Array.from([3, 0, 0, 4]),
  attention: Float32Array.from([0, 4]), feed_forward: Float32Array.from([-3, 0]),
};

test("the stream after each part: its length, and how much of the beginning is left", () => {
  const stream = streamOf(NUMBERS);
  assert.deepEqual(stream.map(({ part }) => part), ["embedding", "attention", "feed"]);
  assert.deepEqual(stream.map(({ length }) => length), [3, 5, 4]);
  [1, 0.6, 0].forEach((kept, i) => near(stream[i].kept, kept));
  assert.deepEqual(streamOf({ ...NUMBERS, norm: "after" }).map(({ part }) => part), ["embedding", "feed"]);
});

test("the pointer reads the first token of each word, and none", () => {
  const numbers = {
    d_model: 2, hidden: Float32Array.from([9, 9, 1, 0, 8, 8, 0, 1]), wanted: Float32Array.from([Math.log(2), 0]), none: Float32Array.from([2, 0]),
  };
  const reading = { words: [[0, 2], [3, 4]], tokens: [{ word: null }, { word: 0 }, { word: 0 }, { word: 1 }], probabilities: [2 / 7, 1 / 7, 4 / 7] };
  const { scores, probabilities, difference } = pointerOf(numbers, reading);
  [Math.log(2), 0, 2 * Math.log(2)].forEach((score, i) => near(scores[i], score));
  reading.probabilities.forEach((probability, i) => near(probabilities[i], probability));
  near(difference, 0);
  near(pointerOf(numbers, { ...reading, probabilities: [0, 0, 1] }).difference, 3 / 7);
});

test("which inner activations are large", () => {
  assert.deepEqual(activeOf(Float32Array.from([0, -10, 0.5, 2]), 2), { n: 2, strongest: [1, 3] });
  assert.equal(activeOf(new Float32Array(3)).n, 0);
});
