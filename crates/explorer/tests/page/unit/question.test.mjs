// What is asked of the model, and which answers are kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswers } from "../../../page/answers.js";
import { choose, momentNow, moments } from "../../../page/moments.js";
import { mainQuestion, readRequest, subject, untouchedQuestion } from "../../../page/question.js";
import { DEFAULTS } from "../../../page/state.js";

const RUN = {
  probes: [
    { id: "es-1", lang: "es", text: "Él canta.", pronoun: [0, 2] },
    { id: "en-1", lang: "en", text: "She sings.", pronoun: [0, 3] },
  ],
  checkpoints: [{ step: 100, is_best: true }, { step: 200, is_best: false }],
  snapshots: [{ step: 0 }, { step: 50 }, { step: 100 }],
};

test("what is read: a typed text, the chosen probe, or the first of the language", () => {
  const about = (change, language = "en") => subject(RUN, { ...DEFAULTS, ...change }, language);
  assert.deepEqual(about({ text: "Él y ella.", pronoun: [5, 9] }), { text: "Él y ella.", pronoun: [5, 9], id: null });
  assert.equal(about({ probe: "es-1" }).id, "es-1");
  assert.equal(about({ probe: "gone" }).id, "en-1");
  assert.equal(about({}, "fr").id, "es-1");
  assert.deepEqual(about({ pronoun: [1, 2] }).pronoun, [0, 3], "a probe has its own");
  assert.equal(subject({ probes: [] }, DEFAULTS, "es").text, "");
});

test("a pronoun beyond the end of the text counts as absent", () => {
  const { pronoun } = subject(RUN, { ...DEFAULTS, text: "😀 él", pronoun: [2, 5] }, "es");
  assert.equal(pronoun, null);
  assert.deepEqual(subject(RUN, { ...DEFAULTS, text: "😀 él", pronoun: [2, 4] }, "es").pronoun, [2, 4]);
});

test("a request has all fields in the order of the contract, and no step where it is the best one", () => {
  const request = readRequest(RUN, { ablation: "mean", text: "él", checkpoint: 100, theme: "dark" });
  assert.equal(JSON.stringify(request), "{\"checkpoint\":null,\"text\":\"él\",\"pronoun\":null,\"masked\":[],\"ablated\":[],\"ablation\":\"mean\"}");
  assert.equal(readRequest(RUN, { checkpoint: 200 }).checkpoint, 200);
});

test("a chosen pronoun is asked about, with and without changes", () => {
  const state = { ...DEFAULTS, text: "Él y ella.", pronoun: [5, 9], masked: [1], ablated: [[0, 0]] };
  const about = subject(RUN, state, "es");
  const { path, body } = mainQuestion(RUN, state, about);
  assert.deepEqual([path, body.pronoun, body.masked], ["/api/read", [5, 9], [1]]);
  const untouched = untouchedQuestion(RUN, state, about).body;
  assert.deepEqual([untouched.pronoun, untouched.masked, untouched.ablated], [[5, 9], [], []]);
});

test("recorded attention answers for probes only", () => {
  const state = { ...DEFAULTS, probe: "en-1", snapshot: 50 };
  const recorded = mainQuestion(RUN, state, subject(RUN, state, "es"));
  assert.deepEqual([recorded.path, recorded.body], ["/api/snapshot", { step: 50 }]);
  assert.deepEqual(recorded.at({ readings: ["es", "en"] }), ["en"]);
  const typed = { ...state, text: "él" };
  assert.equal(mainQuestion(RUN, typed, subject(RUN, typed, "es")).path, "/api/read");
  assert.equal(mainQuestion(RUN, { ...state, snapshot: 7 }, subject(RUN, state, "es")).path, "/api/read");
});

test("the steps to choose from, and the change that leads to one", () => {
  const context = { run: RUN, about: { id: "es-1" }, state: DEFAULTS, selected: [[1, 1]], isRecorded: false };
  const all = moments(context);
  assert.deepEqual(all.map(({ step, kind }) => [step, kind]), [[0, "snapshot"], [50, "snapshot"], [100, "checkpoint"], [200, "checkpoint"]]);
  assert.equal(all[momentNow(context, all)].step, 100, "the best");
  assert.equal(all[momentNow({ ...context, isRecorded: true, state: { ...DEFAULTS, snapshot: 50 } }, all)].step, 50);
  assert.deepEqual(moments({ run: RUN, about: { id: null } }).map(({ step }) => step), [100, 200]);
  assert.deepEqual(choose(all[1], context), { selected: [[1, 1]], snapshot: 50, masked: [], ablated: [] });
  assert.deepEqual(choose(all[3], context), { selected: [[1, 1]], checkpoint: 200, snapshot: null });
});

// A source whose answers come when the test says so.
function heldSource() {
  const asked = [];
  const request = (path, body, signal) => new Promise((resolve, reject) => asked.push({ path, body, signal, resolve, reject }));
  return { asked, request };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the same question is asked once, and its answer kept", async () => {
  const source = heldSource();
  const arrived = [];
  const { ask } = createAnswers(source, (key) => arrived.push(key));
  assert.equal(ask("/api/read", { a: 1 }).status, "loading");
  assert.equal(ask("/api/read", { a: 1 }).status, "loading");
  source.asked[0].resolve({ readings: [] });
  await turn();
  assert.deepEqual([source.asked.length, arrived.length, ask("/api/read", { a: 1 }).status], [1, 1, "ready"]);
});

test("of one lane only the last question is wanted; other lanes go on", async () => {
  const source = heldSource();
  const { ask } = createAnswers(source, () => {});
  ask("/a", {}, "main");
  ask("/other", {}, "before");
  ask("/b", {}, "main");
  assert.deepEqual(source.asked.map(({ signal }) => signal.aborted), [true, false, false]);
  source.asked[0].resolve({});
  source.asked[2].resolve({});
  await turn();
  assert.equal(ask("/b", {}, "main").status, "ready");
  assert.equal(ask("/a", {}, "main").status, "loading", "a question that was given up is asked again");
});

test("after an error one may ask again", async () => {
  const source = heldSource();
  const { ask, forgetErrors } = createAnswers(source, () => {});
  ask("/a");
  source.asked[0].reject(new Error("gone"));
  await turn();
  assert.equal(ask("/a").error.message, "gone");
  forgetErrors();
  assert.equal(ask("/a").status, "loading");
});

test("the oldest answers go when there are too many bytes of attention", async () => {
  const source = heldSource();
  const { ask } = createAnswers(source, () => {});
  const large = { readings: [{ attention: { weights: { byteLength: 60 * 1024 * 1024 } } }] };
  for (const path of ["/a", "/b"]) {
    ask(path);
    source.asked.at(-1).resolve(large);
    await turn();
  }
  assert.equal(ask("/b").status, "ready");
  assert.equal(ask("/a").status, "loading");
});
