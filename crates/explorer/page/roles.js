// The words query, key and value in prose, each in its colour.

import { make } from "./dom.js";

const ROLE_WORDS = /(?<![\p{L}])(consultas?|quer(?:y|ies)|claves?|keys?|valor(?:es)?|values?)(?![\p{L}])/giu;

/** @param {string} word */
function roleOf(word) {
  if (/^(consulta|quer)/i.test(word)) return "query";
  return /^(clave|key)/i.test(word) ? "key" : "value";
}

/**
 * The text with those words as elements.
 * @param {string} text
 */
export function withRoles(text) {
  return text.split(ROLE_WORDS).map((part, i) => (
    i % 2 === 1 ? make("span", { class: `role is-${roleOf(part)}` }, part) : part));
}
