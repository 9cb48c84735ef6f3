// What holds of the text of the page's files.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { WORDS, missingWords } from "../../../page/language.js";

const PAGE = fileURLToPath(new URL("../../../page/", import.meta.url));

const modules = readdirSync(PAGE, { recursive: true }).filter((file) => file.endsWith(".js"))
  .map((file) => ({ file, text: readFileSync(`${PAGE}${file}`, "utf8") }));

test("nothing in the page parses HTML or runs text", () => {
  for (const { file, text } of modules) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|setAttribute\("on|srcdoc/, file);
  }
});

test("the page loads nothing from elsewhere", () => {
  for (const { file, text } of modules) {
    const addresses = [...text.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([address]) => address)
      .filter((address) => !address.startsWith("http://www.w3.org/2000/svg") && !address.startsWith("https://arxiv.org/"));
    assert.deepEqual(addresses, [], file);
  }
});

test("every word that the page asks for is there in both languages", () => {
  assert.deepEqual(missingWords(), []);
  // These show the reader what braces are for.
  const examples = ["text.hint", "error.no_pronoun"];
  // The lesson names these to all its texts, and the Spanish ones are written for the lecture's sentence.
  const named = ["pronoun", "twin_pronoun", "property", "twin_property", "meant", "twin_meant"];
  const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).filter((name) => !named.includes(name)).filter((name, i, all) => all.indexOf(name) === i).sort();
  for (const [word, text] of Object.entries(WORDS.en)) if (!examples.includes(word)) assert.deepEqual(holes(WORDS.es[word]), holes(text), word);
  for (const { file, text } of modules) {
    for (const [, word] of text.matchAll(/\bt\("([a-z][\w.-]*)"/g)) assert.ok(word in WORDS.en, `${file} asks for ${word}`);
  }
});
