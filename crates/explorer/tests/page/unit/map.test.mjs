// The arithmetic of the map.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthOf, pointerScores, streamSteps, strongestUnits, turnOf } from "../../../page/map/measures.js";

const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-6, `${found}, expected ${expected}`);

/** Two blocks of width 2: the stream goes from (1, 0) by (0, 1) and (1, 0) to (2, 1), then nowhere. */
const SEEN = /** @type {any} */ ({
  n_layers: 2, d_model: 2, norm: "before",
  residual: Float32Array.of(1, 0, 2, 1, 2, 1), attention: Float32Array.of(0, 1, 0, 0), feed_forward: Float32Array.of(1, 0, 0, 0),
  hidden: Float32Array.of(0, 0, 1, 0, 0, 2, 0, 1), wanted: Float32Array.of(Math.log(2), 0), none: Float32Array.of(0, 3),
});

test("the stream from part to part", () => {
  const steps = streamSteps(SEEN);
  assert.deepEqual(steps.map(({ part, layer }) => `${part} ${layer}`), [
    "embedding -1", "attention 0", "feed_forward 0", "attention 1", "feed_forward 1",
  ]);
  steps.map(({ length }) => length).forEach((length, i) => near(length, [1, Math.SQRT2, Math.sqrt(5), Math.sqrt(5), Math.sqrt(5)][i]));
  near(steps[1].ofStart, Math.SQRT1_2);
  near(steps[1].ofEnd, 3 / Math.sqrt(10));
  near(steps[4].ofEnd, 1);
  assert.equal(streamSteps({ ...SEEN, norm: "after" }).length, 3, "of a block that norms its sums, only its end is known");
});

test("a score is the product with a word's first token, and none has its own vector", () => {
  const reading = /** @type {any} */ ({
    words: [[0, 3], [4, 9]], tokens: [null, 0, 1, 1].map((word) => ({ word })),
  });
  const { scores, probabilities } = pointerScores(SEEN, reading);
  [Math.log(2), 0, 0].forEach((score, i) => near(scores[i], score));
  [0.5, 0.25, 0.25].forEach((share, i) => near(probabilities[i], share));
});

test("lengths, turns and strongest units", () => {
  near(lengthOf([3, -4]), 5);
  const positions = { theta: 100, d_head: 4 };
  near(turnOf(1, 0, positions), 1 / (2 * Math.PI));
  near(turnOf(1, 1, positions), 0.1 / (2 * Math.PI));
  near(turnOf(7, 0, positions), 7 / (2 * Math.PI) - 1);
  assert.deepEqual(strongestUnits(Float32Array.of(1, -3, 2), 2), [[1, -3], [2, 2]]);
});
