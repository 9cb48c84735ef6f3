// What Rust computes too, against the same expected values: see ../../fixtures/shared.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { rankCorrelation } from "../../../page/arithmetic.js";
import { growthOf } from "../../../page/growth.js";
import { headCauses } from "../../../page/head-causes.js";
import { flowFrom, mixedLayers } from "../../../page/rollout.js";
import { strongestHead } from "../../../page/shown.js";

const SHARED = JSON.parse(readFileSync(new URL("../../fixtures/shared.json", import.meta.url), "utf8"));
const { probe: { example, ...probe }, layers } = SHARED;
const seq = probe.tokens.length;
// As `POST /api/read` answers, with the weights decoded.
const READING = {
  ...example, ...probe, pronoun_word: probe.tokens[probe.pronoun_token].word,
  attention: { layers: layers.length, heads: layers[0].length, seq, weights: Uint16Array.from(layers.flat(2)) },
};

function assertNear(actual, expected, what) {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${what}: ${actual}, expected ${expected}`);
}

test("attention rollout, from every token", () => {
  const groups = READING.tokens.map((_, token) => [token]);
  const mixed = mixedLayers(READING.attention, groups);
  SHARED.rollout.forEach((expected, token) => {
    const [input] = flowFrom(mixed, seq, token);
    expected.forEach((share, i) => assertNear(input[i], share, `${i} in ${token}`));
  });
});

test("the head that reads a word most", () => {
  SHARED.strongest_heads.forEach((expected, answer) => {
    assert.deepEqual(strongestHead({ ...READING, answer }), expected, `word ${answer}`);
  });
});

test("which heads hit the antecedent, and whether the answer is right", () => {
  const answer = { status: "ready", answer: { readings: [READING] } };
  const [grown] = growthOf({ run: { snapshots: [{ step: 8, accuracy: null }] }, ask: () => answer });
  assert.deepEqual(grown.hits.map((heads) => heads.map((share) => share === 1)), SHARED.hits);
  assert.equal(grown.accuracy, 1);
});

test("Spearman's rank correlation", () => {
  for (const { a, b, rho } of SHARED.spearman) {
    const found = rankCorrelation(a, b);
    if (rho === null) assert.equal(found, null, `${a} and ${b}`);
    else assertNear(found, rho, `${a} and ${b}`);
  }
});

test("places, the greatest first", () => {
  for (const { values, places } of SHARED.places) {
    const scores = values.map((hit, head) => ({ layer: 0, head, hit, lang: null, phenomenon: null, distance: null }));
    assert.deepEqual(headCauses({ scores, ablations: [], patches: [] }).map(({ hitRank }) => hitRank), places);
  }
});
