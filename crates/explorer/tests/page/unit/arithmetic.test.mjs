// The four steps of attention, against numbers worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionSteps, cosine, dotTerms, softmax, withSwappedKeys } from "../../../page/arithmetic.js";

const NONE = new Set();
// Two tokens of four dimensions. q₀·k₀ = 2, q₀·k₁ = 2 + 2 ln 3; divided by √4, the second leads by ln 3.
const VECTORS = {
  seq: 2, d_head: 4,
  queries: Float64Array.from([1, 2, 0, 0, 0, 0, 1, 0]),
  keys: Float64Array.from([2, 0, 5, 0, 2, Math.log(3), 0, 7]),
  values: Float64Array.from([4, 0, 0, 1, 8, 4, 0, 1]),
};

function assertNear(actual, expected) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < 1e-12, `${i}: ${actual[i]}, expected ${value}`));
}

test("dot products, scores, weights and their sum of the values", () => {
  const steps = attentionSteps(VECTORS, 0, NONE);
  assert.equal(steps.root, 2);
  assertNear(steps.dots, [2, 2 + 2 * Math.log(3)]);
  assertNear(steps.scores, [1, 1 + Math.log(3)]);
  assertNear(steps.weights, [0.25, 0.75]);
  assertNear(steps.output, [7, 3, 0, 1]);
  assertNear([steps.logTotal], [1 + Math.log(4)]);
});

test("a masked token weighs nothing, and the others share all", () => {
  assertNear(attentionSteps(VECTORS, 0, new Set([1])).weights, [1, 0]);
});

test("softmax of great scores is finite", () => {
  assertNear(softmax(Float64Array.from([1000, 1000, -1000]), NONE).weights, [0.5, 0.5, 0]);
});

test("a dot product is the sum of its terms", () => {
  const terms = dotTerms(VECTORS, 0, 1);
  assert.deepEqual(terms.map(({ q, k }) => [q, k]), [[1, 2], [2, Math.log(3)], [0, 0], [0, 7]]);
  assertNear([terms.reduce((sum, { product }) => sum + product, 0)], [...attentionSteps(VECTORS, 0, NONE).dots.slice(1)]);
});

test("the weights go with the keys when two are exchanged", () => {
  const swapped = withSwappedKeys(VECTORS, 0, 1);
  assertNear(attentionSteps(swapped, 0, NONE).weights, [0.75, 0.25]);
  assert.equal(VECTORS.keys[0], 2);
  assert.equal(VECTORS.keys[2], 5, "the original is as it was");
});

test("cosine is 1 for the same direction, 0 for a right angle, -1 for the opposite", () => {
  assertNear([cosine([1, 2], [2, 4]), cosine([1, 2], [-2, 1]), cosine([1, 2], [-1, -2])], [1, 0, -1]);
});
