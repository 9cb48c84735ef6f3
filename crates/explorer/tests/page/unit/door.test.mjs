// Chains of anaphors, hands raised in class, and which words may be asked about.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chainsOf } from "../../../page/anaphors.js";
import { handsFor, majority, withHands } from "../../../page/lesson/hands.js";
import { isPronoun } from "../../../page/pronouns.js";

test("anaphors that stand for the same word are a chain, with that word; one alone is none", () => {
  const reading = (pronoun_word, answer) => ({ pronoun_word, answer });
  const chains = chainsOf([reading(5, 3), reading(7, 0), reading(9, 3), reading(11, null), reading(12, null)]);
  assert.deepEqual([...chains].sort(([a], [b]) => a - b), [[3, 0], [5, 0], [9, 0]]);
});

test("hands are counted for each choice of each station", () => {
  let hands = withHands([], 0, 1, 2);
  hands = withHands(hands, 0, -1, 1);
  hands = withHands(hands, 3, 1, 9);
  hands = withHands(hands, 0, 1, 3);
  assert.deepEqual([handsFor(hands, 0, 1), handsFor(hands, 0, -1), handsFor(hands, 0, 5)], [3, 1, 0]);
  assert.deepEqual(majority(hands, 0, [1, 5, -1]), { choice: 1, most: 3, all: 4, isTied: false });
  assert.equal(majority(hands, 7, [0, 1]), null);
  assert.equal(majority(withHands(hands, 0, -1, 3), 0, [1, 5, -1]).isTied, true);
  assert.deepEqual(withHands(hands, 0, 1, 0), [[0, -1, 1], [3, 1, 9]]);
});

test("a form that is an article most of the time is asked about only where no pronoun was found", () => {
  assert.deepEqual([isPronoun("Ella"), isPronoun("lo"), isPronoun("la"), isPronoun("la", true), isPronoun("gata", true)], [true, true, false, true, false]);
});
