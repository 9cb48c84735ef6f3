// What the lesson and the view of causes make of numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { headCauses, hitDropCorrelation, prettyHead, slicesOf, sortedCauses } from "../../../page/head-causes.js";
import { betOn, betScore, LOOKED, withBet } from "../../../page/lesson/bets.js";
import { attentionSides, greatestRise, greatestWord, halfway, meanWordWeights, sample, wordWeights } from "../../../page/lesson/measure.js";

// [CLS], "a", "b" in two tokens; one layer of two heads, each row the same.
const ROWS = [[0, 13107, 26214, 26214], [65535, 0, 0, 0]];
const READING = {
  words: [[0, 1], [2, 4]], tokens: [null, 0, 1, 1].map((word) => ({ word })),
  attention: { layers: 1, heads: 2, seq: 4, weights: Uint16Array.from(ROWS.flatMap((row) => Array(4).fill(row).flat())) },
};

const near = (values) => Array.from(values, (value) => Number(value.toFixed(4)));

test("a word is read as much as its tokens together", () => {
  assert.deepEqual(near(wordWeights(READING, 0, 0, 1)), [0.2, 0.8]);
  assert.deepEqual(near(meanWordWeights(READING, 1)), [0.1, 0.4]);
});

test("attention to the words before and after, itself and special tokens is all there is", () => {
  const sides = attentionSides(READING, 0, 1);
  assert.deepEqual(near(Object.values(sides)), [0, 0.1, 0.4, 0.5]);
  assert.deepEqual(Object.keys(sides), ["before", "itself", "after", "special"]);
});

test("the greatest word, some left out", () => {
  assert.deepEqual([greatestWord([0.1, 0.7, 0.2], []), greatestWord([0.1, 0.7, 0.2], [1]), greatestWord([0.5], [0])], [1, 2, -1]);
});

test("half of the end counts once it is passed for good", () => {
  assert.deepEqual(halfway([[0, 0.1], [1, 0.6], [2, 0.3], [3, 0.5], [4, 0.8]]), { place: 3, step: 3 });
  assert.deepEqual(halfway([[5, 1], [6, 1]]), { place: 0, step: 5 });
});

test("the greatest rise between neighbours", () => {
  assert.deepEqual(greatestRise([[0, 0], [1, 0.25], [4, 0.75], [5, 0.5]]), { from: 1, to: 4, rise: 0.5 });
  assert.equal(greatestRise([[0, 1], [1, 0]]).rise, 0);
});

test("a sample keeps the first and the last", () => {
  assert.deepEqual(sample([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
  assert.deepEqual(sample([1, 2], 3), [1, 2]);
});

test("bets: one for each station; who looked without one is not counted", () => {
  let bets = withBet([], 3, [3, 1, 1]);
  bets = withBet(bets, 0, [0, LOOKED, 0]);
  bets = withBet(bets, 3, [3, 2, 0]);
  assert.deepEqual(bets, [[0, LOOKED, 0], [3, 2, 0]]);
  assert.deepEqual([betOn(bets, 3), betOn(bets, 1)], [[3, 2, 0], null]);
  assert.deepEqual(betScore(withBet(bets, 5, [5, 0, 1])), { bets: 2, right: 1 });
  assert.deepEqual(withBet(bets, 3, null), [[0, LOOKED, 0]]);
});

// Heads whose hit and whose drop are these.
function report(hits, drops) {
  const all = { lang: null, phenomenon: null, distance: null };
  return {
    scores: hits.map((hit, head) => ({ ...all, layer: 0, head, hit })),
    ablations: drops.map((drop, head) => ({ ...all, layer: 0, head, by: "zero", drop })),
    patches: [{ layer: 0, head: 0, flipped: 0.5 }],
  };
}

test("the head that hits most is the cause, a part of it, or a witness", () => {
  const verdict = (...drops) => prettyHead(headCauses(report([0.9, 0.5], drops))).verdict;
  assert.deepEqual([verdict(0.3, 0.1), verdict(0.1, 0.3), verdict(0.005, 0.3), verdict()], ["is_cause", "is_part", "is_witness", "unmeasured"]);
});

test("rows are sorted by a column, those without a number last", () => {
  const rows = headCauses(report([0.1, 0.9, 0.5], [0.2, 0.3]));
  assert.deepEqual(sortedCauses(rows, "hit").map(({ head }) => head), [1, 2, 0]);
  assert.deepEqual(sortedCauses(rows, "zero").map(({ head }) => head), [1, 0, 2]);
  assert.deepEqual(rows.map(({ flipped, zeroRank }) => [flipped, zeroRank]), [[0.5, 2], [null, 1], [null, null]]);
});

test("hits and drops are compared from three heads on", () => {
  assert.equal(hitDropCorrelation(headCauses(report([1, 2], [1, 2]))), null);
  assert.ok(Math.abs(hitDropCorrelation(headCauses(report([1, 2, 3], [1, 2, 3]))) - 1) < 1e-12);
});

test("slices are those that the ablations name", () => {
  const { ablations } = report([1], [0.1]);
  const more = [...ablations, { ...ablations[0], lang: "es", phenomenon: "gender" }];
  assert.deepEqual(slicesOf({ ablations: more }).map(({ id }) => id), ["", "gender-es"]);
});
