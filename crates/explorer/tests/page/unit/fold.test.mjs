// Sub-words put together to words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { foldMatrix, groupTokens } from "../../../page/fold.js";

const TOKENS = [null, 0, 1, 1, 2, null].map((word) => ({ word }));

test("tokens are grouped by word, special tokens alone or left out", () => {
  assert.deepEqual(groupTokens(TOKENS, true, true), [[0], [1], [2, 3], [4], [5]]);
  assert.deepEqual(groupTokens(TOKENS, true, false), [[1], [2, 3], [4]]);
  assert.deepEqual(groupTokens(TOKENS, false, true), [[0], [1], [2], [3], [4], [5]]);
  assert.deepEqual(groupTokens([], true, true), []);
});

test("a word reads as the mean of its tokens, and is read as much as they are together", () => {
  const weights = Float32Array.from([
    0.5, 0.25, 0.25,
    0, 1, 0,
    0.5, 0, 0.5,
  ]);
  assert.deepEqual([...foldMatrix(weights, 3, [[0], [1, 2]])], [0.5, 0.5, 0.25, 0.75]);
  assert.deepEqual([...foldMatrix(weights, 3, [[1, 2]])], [0.75]);
  assert.equal(foldMatrix(weights, 3, [[0], [1], [2]]), weights);
});

test("rows that are distributions stay so", () => {
  const seq = TOKENS.length;
  const weights = Float32Array.from({ length: seq * seq }, (_, i) => (i % seq + 1) / 21);
  const groups = groupTokens(TOKENS, true, true);
  const folded = foldMatrix(weights, seq, groups);
  for (let row = 0; row < groups.length; row++) {
    const sum = folded.subarray(row * groups.length, (row + 1) * groups.length).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6, `row ${row}: ${sum}`);
  }
});
