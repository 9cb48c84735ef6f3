// The words of the interface, in two languages with the same keys.

import { withoutTurns } from "./bidi.js";
import { WORDS_ES } from "./words.es.js";
import { WORDS_EN } from "./words.en.js";
import { LESSON_ES } from "./words-lesson.es.js";
import { LESSON_EN } from "./words-lesson.en.js";
import { FILM_ES } from "./words-film.es.js";
import { FILM_EN } from "./words-film.en.js";
import { PARTS_ES } from "./words-parts.es.js";
import { PARTS_EN } from "./words-parts.en.js";
import { MACHINE_ES } from "./words-machine.es.js";
import { MACHINE_EN } from "./words-machine.en.js";
import { SCENES_ES } from "./words-scenes.es.js";
import { SCENES_EN } from "./words-scenes.en.js";
import { FLOW_ES } from "./words-flow.es.js";
import { FLOW_EN } from "./words-flow.en.js";
import { LOOKS_ES } from "./words-looks.es.js";
import { LOOKS_EN } from "./words-looks.en.js";

export const WORDS = {
  es: { ...WORDS_ES, ...PARTS_ES, ...LESSON_ES, ...FILM_ES, ...LOOKS_ES, ...FLOW_ES, ...MACHINE_ES, ...SCENES_ES },
  en: { ...WORDS_EN, ...PARTS_EN, ...LESSON_EN, ...FILM_EN, ...LOOKS_EN, ...FLOW_EN, ...MACHINE_EN, ...SCENES_EN },
};

/**
 * The language of the interface: the one that was chosen, else the browser's if there are words in it.
 * @param {State} state
 */
export function languageOf({ language }) {
  // Not `in`, which holds of names that every object has.
  if (Object.hasOwn(WORDS, language)) return language;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag) => Object.hasOwn(WORDS, tag)) ?? "en";
}

// Keys that one language has and another lacks, as "es: key".
export function missingWords() {
  const languages = Object.keys(WORDS);
  const all = new Set(languages.flatMap((language) => Object.keys(WORDS[language])));
  const missing = (language) => [...all].filter((key) => !Object.hasOwn(WORDS[language], key));
  return languages.flatMap((language) => missing(language).map((key) => `${language}: ${key}`));
}

/**
 * t("heads.aloud.queries", { token: "él", list }) puts "él" where the words have {token};
 * t.number(0.1234, 2), t.percent(0.998) and t.step(6300) write numbers as the language does.
 * @param {string} language
 * @returns {Translator}
 */
export function translator(language) {
  if (!translators.has(language)) translators.set(language, makeTranslator(language));
  return translators.get(language);
}

// Quotation marks within quotation marks are the inner ones.
const INNER = { "«": [/«([^«»]*)»/g, "“$1”"], "“": [/“([^“”]*)”/g, "‘$1’"] };

function within(quote, text) {
  return quote === "" ? text : text.replace(...INNER[quote]);
}

// To make a number format takes longer than to use it: each is made once.
const translators = new Map();

function makeTranslator(language) {
  const words = WORDS[language] ?? WORDS.en;
  const t = (key, values) => {
    const text = words[key];
    if (text === undefined) throw new Error(`no words for ${key} in ${language}`);
    return text.replace(/([«“])?\{(\w+)\}/g, (whole, quote = "", name) => (
      values && name in values ? quote + within(quote, withoutTurns(String(values[name]))) : whole));
  };
  const formats = new Map();
  // Between the thousands Spanish has a thin space, from five digits on; a minus is as wide as a plus.
  const written = ({ type, value }) => (
    type === "minusSign" ? "\u2212" : type === "group" && language === "es" ? "\u202f" : value);
  const format = (value, style, digits) => {
    const key = `${style} ${digits}`;
    if (!formats.has(key)) formats.set(key,
      new Intl.NumberFormat(language, { style, minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return formats.get(key).formatToParts(value).map(written).join("");
  };
  t.language = language;
  t.has = (key) => key in words;
  t.number = (value, digits = 0) => format(value, "decimal", digits);
  t.percent = (value, digits = 1) => format(value, "percent", digits);
  t.step = (value) => format(value, "decimal", 0);
  return t;
}
