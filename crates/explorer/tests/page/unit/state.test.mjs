// The state and its address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS, readAddress, withChange, writeAddress } from "../../../page/state.js";

// For each key a value that is not its default, with what an address might spoil.
const OTHER_VALUES = {
  language: "en", theme: "dark", view: "matrix", probe: "probe-en-01", text: "¿«él» & ella? 100 % #1 = {él}\n+ 😀",
  pronoun: [36, 38], which: 1, checkpoint: 0, snapshot: 512, masked: [0, 7], ablated: [[0, 3], [2, 1]], ablation: "mean",
  selected: [[1, 2]], combine: "sum", top: 5, special: "rescale", fold: false, token: 0, table: true, sort: "score",
  compare: "text", otherCheckpoint: 0, otherText: " ", key: 0, dimension: 31, part: "feed-2", compared: [[0, 1], [2, 3]], scene: 3, allRows: true, allLines: true, by: "attention", stream: 0,
  found: 50, order: "flipped", slice: "gender-es", lesson: 9, bets: [[0, -2, 0], [3, 1, 1]],
  present: true, hands: [[0, 1, 14], [0, -1, 2]],
};

test("every key has a value in these tests", () => {
  assert.deepEqual(Object.keys(OTHER_VALUES).sort(), Object.keys(DEFAULTS).sort());
  for (const key of Object.keys(DEFAULTS)) assert.notDeepEqual(OTHER_VALUES[key], DEFAULTS[key], key);
});

test("an address brings back every key, alone", () => {
  for (const [key, value] of Object.entries(OTHER_VALUES)) {
    const state = { ...DEFAULTS, [key]: value };
    const address = writeAddress(state);
    assert.notEqual(address, "#", `${key} is not in the address`);
    assert.deepEqual(readAddress(address), state, key);
  }
});

test("an address brings back all keys together", () => {
  assert.deepEqual(readAddress(writeAddress(OTHER_VALUES)), OTHER_VALUES);
});

test("the defaults have an empty address, and an empty address is the defaults", () => {
  assert.equal(writeAddress(DEFAULTS), "#");
  for (const empty of ["", "#"]) assert.deepEqual(readAddress(empty), DEFAULTS);
});

test("what is read from an address can be changed without changing the defaults", () => {
  readAddress("").masked.push(1);
  assert.deepEqual(DEFAULTS.masked, []);
});

test("an address that says something, but no view, opens the heads, as it did before there was a start", () => {
  for (const old of ["#probe=probe-en-01", "#text=Ana", "#selected=[[0,1]]"]) assert.equal(readAddress(old).view, "heads", old);
  for (const plain of ["", "#language=en", "#theme=dark&language=es"]) assert.equal(readAddress(plain).view, "start", plain);
  assert.equal(writeAddress({ ...DEFAULTS, text: "Ana" }), "#view=start&text=Ana");
});

test("class mode may stand in an address without a value, and opens the lesson", () => {
  assert.deepEqual(readAddress("#present"), { ...DEFAULTS, present: true, view: "lesson" });
  assert.deepEqual(readAddress("#view=lesson&lesson=2&present"), { ...DEFAULTS, view: "lesson", lesson: 2, present: true });
});

test("values of the wrong form count as absent", () => {
  const wrong = {
    pronoun: ["[1]", "[1,2,3]", "[2,1]", "[2,2]", "[-1,2]", "\"ab\"", "{}"], selected: ["[[1]]", "[1,2]", "{}", "null"],
    ablated: ["[[0,-1]]", "[\"a\"]"], masked: ["[0.5]", "[-1]", "3", "{}"], bets: ["[[0,1]]", "[[0,1,0.5]]"],
    which: ["-7", "1.5", "\"1\"", "", "null"], checkpoint: ["-1", "true", "[]"], fold: ["1", "yes"], token: ["x"], top: ["NaN"],
  };
  for (const [key, texts] of Object.entries(wrong)) {
    for (const text of texts) assert.deepEqual(readAddress(`#${new URLSearchParams({ [key]: text })}`), DEFAULTS, `${key}=${text}`);
  }
});

test("names that are no keys are not read, those of every object among them", () => {
  for (const key of ["__proto__", "constructor", "toString", "folded"]) {
    const state = readAddress(`#${key}={}`);
    assert.deepEqual(state, DEFAULTS);
    assert.equal(Object.getPrototypeOf(state), Object.prototype);
  }
});

test("a change of a key that the address would lose is an error", () => {
  assert.deepEqual(withChange(DEFAULTS, { pronoun: [0, 2] }), { ...DEFAULTS, pronoun: [0, 2] });
  for (const key of ["pronoum", "toString"]) assert.throws(() => withChange(DEFAULTS, { [key]: null }), new RegExp(key));
});
