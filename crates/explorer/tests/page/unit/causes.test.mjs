// Intervals of what was measured, and which heads are compared.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dropInterval, wilsonInterval } from "../../../page/intervals.js";

// The colours of the page ask for the theme once they are loaded.
globalThis.matchMedia ??= /** @type {any} */ (() => ({ matches: false, addEventListener() {} }));
const { withCompared } = await import("../../../page/causes-compare.js");

test("Wilson's interval of 95 %", () => {
  // 10 of 20: from 0.299 to 0.701; 0 of 10: up to 0.278.
  const near = (actual, expected) => actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 5e-4, `${actual}`));
  near(wilsonInterval(0.5, 20), [0.2993, 0.7007]);
  near(wilsonInterval(0, 10), [0, 0.2775]);
  near(wilsonInterval(1, 1008), [0.9962, 1]);
  near(dropInterval(0, 1, 1008), [0, 0.0038]);
  assert.equal(wilsonInterval(0.5, 0), null);
});

test("of the heads that are compared, the last two are kept", () => {
  const [a, b, c] = [[0, 0], [0, 1], [1, 0]];
  const row = ([layer, head]) => ({ layer, head });
  const after = (compared, head, several) => withCompared(/** @type {any} */ ({ compared }), row(head), several).compared;
  assert.deepEqual(after([], a, false), [a]);
  assert.deepEqual(after([a], b, true), [a, b]);
  assert.deepEqual(after([a, b], c, true), [b, c]);
  assert.deepEqual(after([a, b], a, true), [b]);
  assert.deepEqual(after([a, b], c, false), [c]);
  assert.deepEqual(after([a], a, false), []);
});
