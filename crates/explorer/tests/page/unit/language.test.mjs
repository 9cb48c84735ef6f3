// The words of the interface.

import assert from "node:assert/strict";
import { test } from "node:test";
import { languageOf, translator } from "../../../page/language.js";

function withBrowser(languages, body) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { languages }, configurable: true });
  try {
    body();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete globalThis.navigator;
  }
}

test("the chosen language, else the browser's, else English", () => {
  withBrowser(["fr", "es-MX", "en"], () => {
    assert.deepEqual(["en", "", "de"].map((language) => languageOf({ language })), ["en", "es", "es"]);
  });
  withBrowser(["fr"], () => assert.equal(languageOf({ language: "" }), "en"));
});

test("a name that every object has is no language", () => {
  withBrowser(["constructor", "es"], () => assert.equal(languageOf({ language: "toString" }), "es"));
});

test("values stand in the places of their names, and what has none stays", () => {
  const t = translator("es");
  assert.equal(t("answer.was", { value: 7 }), "era 7");
  assert.equal(t("answer.was"), "era {value}");
  assert.throws(() => t("no.such.words"), /no\.such\.words/);
  assert.equal(t.has("no.such.words"), false);
});

test("numbers are written as the language does", () => {
  assert.deepEqual([translator("es").percent(0.9985), translator("en").percent(0.9985)], ["99,9\u00a0%", "99.9%"]);
  assert.deepEqual([translator("es").number(0.25, 2), translator("en").number(0.25, 2)], ["0,25", "0.25"]);
});

test("Spanish parts thousands with a thin space from five digits on, English with a comma; a minus is a minus", () => {
  const [es, en] = [translator("es"), translator("en")];
  assert.deepEqual([1021056, 22000, 1452, -0.5].map((value) => es.number(value, value === -0.5 ? 1 : 0)), ["1\u202f021\u202f056", "22\u202f000", "1452", "\u22120,5"]);
  assert.deepEqual([1021056, 1452, -0.5].map((value) => en.number(value, value === -0.5 ? 1 : 0)), ["1,021,056", "1,452", "\u22120.5"]);
});

test("quotation marks within quotation marks are the inner ones", () => {
  assert.match(translator("es")("lesson.your_bet", { bet: "De «pelota», tanto" }), /«De “pelota”, tanto»/);
  assert.match(translator("en")("lesson.your_bet", { bet: "As much of “pelota”" }), /“As much of ‘pelota’”/);
  assert.match(translator("es")("lesson.your_bet", { bet: "«" }), /«««?»/);
});

test("a word cannot turn the words around it", () => {
  assert.equal(translator("es")("answer.was", { value: "a\u202eb" }), "era ab");
});
