// From the attention of a reading to what is drawn of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rankedAnswers } from "../../../page/ranking.js";
import { memo } from "../../../page/memo.js";
import {
  answerWeight, combineHeads, rowFloors, selectedHeads, shownAttention, shownAxis, textOf,
} from "../../../page/shown.js";
import { DEFAULTS } from "../../../page/state.js";

// [CLS], "el", "robot" in two tokens, "él"; one layer of two heads. Weights in units of 1/65,535.
const ROW_A = [13107, 0, 26214, 13107, 13107];
const ROW_B = [65535, 0, 0, 0, 0];
const READING = {
  text: "😀el robot él", words: [[1, 3], [4, 9], [10, 12]], pronoun_word: 2, pronoun_token: 4, answer: 1, antecedent: 0, candidates: [[4, 9]],
  tokens: [["[CLS]", null], ["el", 0], ["ro", 1], ["##bot", 1], ["él", 2]].map(([text, word]) => ({ text, word })),
  attention: { layers: 1, heads: 2, seq: 5, weights: Uint16Array.from([...Array(5).fill(ROW_A).flat(), ...Array(5).fill(ROW_B).flat()]) },
};

const near = (values, digits = 4) => Array.from(values, (value) => Number(value.toFixed(digits)));

test("spans count characters, not the units of a string", () => {
  assert.equal(textOf(READING, [4, 9]), "robot");
});

test("answers are whole phrases where the model found them, else words, the likeliest first", () => {
  const reading = { ...READING, probabilities: [0.25, 0.5, 0, 0.25], phrases: [] };
  assert.deepEqual(rankedAnswers(reading).map(({ text }) => text), ["robot", "el", null, "él"]);
  const phrases = [{ span: [1, 9], head: 1, probability: 0.25 }];
  assert.deepEqual(rankedAnswers({ ...reading, phrases }), [
    { text: null, probability: 0.75 }, { text: "el robot", probability: 0.25 },
  ]);
});

test("heads are averaged or summed", () => {
  assert.deepEqual(near(combineHeads(READING.attention, [[0, 0]], "mean").subarray(0, 5)), [0.2, 0, 0.4, 0.2, 0.2]);
  assert.deepEqual(near(combineHeads(READING.attention, [[0, 0], [0, 1]], "mean").subarray(0, 5)), [0.6, 0, 0.2, 0.1, 0.1]);
  assert.deepEqual(near(combineHeads(READING.attention, [[0, 0], [0, 1]], "sum").subarray(0, 5)), [1.2, 0, 0.4, 0.2, 0.2]);
});

test("how much the pronoun reads the answer is the sum over its tokens, and 0 without an answer", () => {
  assert.deepEqual(near([answerWeight(READING, 0, 0), answerWeight(READING, 0, 1), answerWeight({ ...READING, answer: null }, 0, 0)]), [0.6, 0, 0]);
});

test("the state's heads count if the model has them; otherwise the one that reads the answer most", () => {
  assert.deepEqual(selectedHeads(READING, { ...DEFAULTS, selected: [[0, 1], [9, 9]] }), [[0, 1]]);
  for (const selected of [null, [], [[1, 0]]]) assert.deepEqual(selectedHeads(READING, { ...DEFAULTS, selected }), [[0, 0]]);
  assert.deepEqual(selectedHeads(null, DEFAULTS), []);
});

test("rows and columns: words or tokens, with pronoun and answer in their places", () => {
  const words = shownAxis(READING, { ...DEFAULTS, special: "hide", masked: [2, 3] });
  assert.deepEqual(words.labels, ["el", "robot", "él"]);
  assert.deepEqual([words.pronoun, words.answer, words.antecedent, words.n], [2, 1, 1, 3]);
  assert.deepEqual(words.isMasked, [false, true, false]);
  const tokens = shownAxis(READING, { ...DEFAULTS, fold: false, masked: [2] });
  assert.deepEqual(tokens.labels, ["[CLS]", "el", "ro", "##bot", "él"]);
  assert.deepEqual(tokens.isSpecial, [true, false, false, false, false]);
  assert.deepEqual([tokens.pronoun, tokens.answer], [4, 2]);
});

test("without special tokens rows keep what is left, or are scaled to 1", () => {
  const row = (special) => near(shownAttention(READING, { ...DEFAULTS, special }).matrix.subarray(0, special === "show" ? 4 : 3));
  assert.deepEqual(row("show"), [0.2, 0, 0.6, 0.2]);
  assert.deepEqual(row("hide"), [0, 0.6, 0.2]);
  assert.deepEqual(row("rescale"), [0, 0.75, 0.25]);
});

test("of each row the greatest weights that have `top` percent of it are drawn", () => {
  const matrix = Float32Array.from([0.125, 0.5, 0.25, 0.125, 0, 0, 0, 0]);
  assert.deepEqual([...rowFloors(matrix, 2, 100)].slice(0, 2), [0, 0]);
  const floor = (top) => rowFloors(Float32Array.from([0.125, 0.5, 0.375, 1, 0, 0, 0, 0, 1]), 3, top)[0];
  assert.deepEqual([floor(30), floor(50), floor(51), floor(99)], [0.5, 0.5, 0.375, 0.125]);
});

test("what a change leaves as it is stays the same object", () => {
  const shown = shownAttention(READING, DEFAULTS);
  assert.equal(shownAttention(READING, { ...DEFAULTS, theme: "dark", selected: [[0, 0]] }), shown);
  const cut = shownAttention(READING, { ...DEFAULTS, top: 50 });
  assert.notEqual(cut, shown);
  assert.equal(cut.axis, shown.axis);
  assert.notEqual(shownAttention({ ...READING }, { ...DEFAULTS, top: 50 }), cut);
});

test("a memo computes again when an input is another value, and only then", () => {
  let calls = 0;
  const sum = memo((a, b) => { calls += 1; return a.n + b.n; }, (a, b) => [a, b.n]);
  const one = { n: 1 };
  assert.deepEqual([sum(one, { n: 2 }), sum(one, { n: 2 }), calls], [3, 3, 1]);
  assert.deepEqual([sum(one, { n: 3 }), calls], [4, 2]);
  assert.deepEqual([sum({ n: 1 }, { n: 3 }), calls], [4, 3]);
  const nothing = memo(() => { calls += 1; return null; }, () => []);
  assert.deepEqual([nothing(), nothing(), calls], [null, null, 4]);
});
