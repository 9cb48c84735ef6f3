// Which head looks and which one is needed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bestOf, trialOf } from "../../../page/deciding.js";
import { isUnmoved } from "../../../page/unmoved.js";

const HEADS = [[0, 0], [0, 1], [1, 0], [1, 1]];

// Three words of a token each, the last of which is the pronoun: `weights` gives for each head what it puts on the
// first one, and the second gets what is left of `seen`.
function reading(probabilities, weights = [0, 0, 0, 0], seen = 0.5) {
  const seq = 3;
  const all = new Uint16Array(HEADS.length * seq * seq);
  weights.forEach((weight, i) => all.set([weight, Math.max(seen - weight, 0)].map((each) => Math.round(each * 65535)), (i * seq + 2) * seq));
  return {
    text: "a b c", words: [[0, 1], [2, 3], [4, 5]], tokens: [0, 1, 2].map((word) => ({ word })), phrases: [], pronoun_word: 2,
    pronoun_token: 2, probabilities, answer: probabilities.indexOf(Math.max(...probabilities)),
    attention: { layers: 2, heads: 2, seq, weights: all },
  };
}

const KEPT = [0.9, 0.1, 0, 0];
const TURNED = [0.2, 0.8, 0, 0];
const sentence = (weights) => ({ probe: {}, reading: reading(KEPT, weights), before: 0.9 });
const trial = (weights, after) => trialOf(sentence(weights), HEADS, after.map((each) => reading(each)));
const WEIGHTS = [0.02, 0.9, 0.4, 0.05];

test("the head that reads the answer most and is idle, and the one that hardly reads it and is needed", () => {
  const { pair, looks, counts } = trial(WEIGHTS, [TURNED, KEPT, KEPT, KEPT]);
  assert.deepEqual([pair, looks.place, counts.place], ["most", [0, 1], [0, 0]]);
});

test("where the head that reads the answer most is not idle, one that reads it most of all words will do", () => {
  const { pair, looks } = trial(WEIGHTS, [TURNED, [0.85, 0.15, 0, 0], KEPT, KEPT]);
  assert.deepEqual([pair, looks.place], ["some", [1, 0]]);
  const other = trial([0.02, 0.9, 0.2, 0.05], [TURNED, [0.85, 0.15, 0, 0], KEPT, KEPT]);
  assert.deepEqual([other.pair, other.looks.place], ["none", [0, 1]], "it reads another word more");
  const blind = { ...sentence(WEIGHTS), reading: reading(KEPT, [0, 0.9, 0, 0], 0) };
  const after = [TURNED, [0.85, 0.15, 0, 0], KEPT, KEPT].map((each) => reading(each));
  assert.equal(trialOf(blind, HEADS, after).pair, "none", "a head that reads no word at all looks at none");
});

test("a head that reads the answer does not decide without looking, and an answer that tips over by a hair was not turned", () => {
  assert.equal(trial(WEIGHTS, [KEPT, KEPT, TURNED, KEPT]).pair, "none");
  const near = { probe: {}, reading: reading([0.501, 0.499, 0, 0], WEIGHTS), before: 0.501 };
  const { pair, counts } = trialOf(near, HEADS, [[0.499, 0.501, 0, 0], ...Array(3).fill([0.501, 0.499, 0, 0])].map((each) => reading(each)));
  assert.deepEqual([pair, counts.isNeeded], ["none", false]);
});

test("of several sentences the first with the best pair, and in how many an answer is turned", () => {
  const [none, some, most] = [
    trial(WEIGHTS, [KEPT, KEPT, KEPT, KEPT]), trial(WEIGHTS, [TURNED, [0.85, 0.15, 0, 0], KEPT, KEPT]), trial(WEIGHTS, [TURNED, KEPT, KEPT, KEPT]),
  ];
  const best = bestOf([none, some, most, { ...most }]);
  assert.deepEqual([best.pair, best.tried, best.turned, best.trials === most.trials], ["most", 4, 3, true]);
  assert.equal(bestOf([none, some]).pair, "some");
  assert.equal(bestOf([none]).turned, 0);
});

test("an answer is unmoved if it is the same and less than a point more or less likely", () => {
  const before = reading([0.9, 0.1, 0, 0]);
  assert.equal(isUnmoved(before, reading([0.908, 0.092, 0, 0])), true);
  assert.equal(isUnmoved(before, reading([0.912, 0.088, 0, 0])), false);
  assert.equal(isUnmoved(reading([0.501, 0.499, 0, 0]), reading([0.499, 0.501, 0, 0])), false);
});
