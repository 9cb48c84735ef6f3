// Which change moves an answer most.

import assert from "node:assert/strict";
import { test } from "node:test";
import { strongestChange } from "../../../page/moving-change.js";
import { isUnmoved } from "../../../page/unmoved.js";

/** A reading of three words, with the probabilities of each and of none. */
const reading = (...probabilities) => /** @type {any} */ ({
  text: "a b c", words: [[0, 1], [2, 3], [4, 5]], phrases: [], probabilities,
  answer: probabilities.indexOf(Math.max(...probabilities)) === 3 ? null : probabilities.indexOf(Math.max(...probabilities)),
});
const BEFORE = reading(0.1, 0.8, 0.05, 0.05);
const change = (head, after) => /** @type {any} */ ({ head: [0, head], word: null, change: {}, after });

test("a change that turns the answer comes before one that only makes it less likely", () => {
  const turning = change(1, reading(0.55, 0.4, 0.03, 0.02));
  const weakening = change(0, reading(0.2, 0.41, 0.19, 0.2));
  assert.equal(strongestChange(BEFORE, [weakening, turning]), turning);
  assert.equal(strongestChange(BEFORE, [change(2, reading(0.1, 0.7, 0.1, 0.1)), weakening]), weakening);
});

test("a change of less than a point is none", () => {
  assert.equal(strongestChange(BEFORE, [change(0, reading(0.1, 0.795, 0.05, 0.055))]), null);
  assert.equal(strongestChange(BEFORE, []), null);
  assert.equal(isUnmoved(BEFORE, reading(0.1, 0.795, 0.05, 0.055)), true);
  assert.equal(isUnmoved(BEFORE, reading(0.1, 0.78, 0.06, 0.06)), false);
});

test("an answer that becomes none is turned", () => {
  const none = change(0, reading(0.1, 0.3, 0.1, 0.5));
  assert.equal(none.after.answer, null);
  assert.equal(strongestChange(BEFORE, [none]), none);
});
