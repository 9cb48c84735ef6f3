// The words of the interface, in two languages with the same keys.

import { WORDS_ES } from "./words.es.js";
import { WORDS_EN } from "./words.en.js";
import { LESSON_ES } from "./words-lesson.es.js";
import { LESSON_EN } from "./words-lesson.en.js";
import { PARTS_ES } from "./words-parts.es.js";
import { PARTS_EN } from "./words-parts.en.js";

export const WORDS = {
  es: { ...WORDS_ES, ...PARTS_ES, ...LESSON_ES },
  en: { ...WORDS_EN, ...PARTS_EN, ...LESSON_EN },
};

export function browserLanguage() {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2));
  return wanted.find((tag) => tag in WORDS) ?? "en";
}

// Keys that one language has and another lacks, as "es: key".
export function missingWords() {
  const languages = Object.keys(WORDS);
  const all = new Set(languages.flatMap((language) => Object.keys(WORDS[language])));
  return languages.flatMap((language) => [...all].filter((key) => !(key in WORDS[language])).map((key) => `${language}: ${key}`));
}

// t("heads.aloud.queries", { token: "él", list }) puts "él" where the words have {token}.
// t.number(0.1234, 2), t.percent(0.998), t.step(6300) write numbers as the language does.
export function translator(language) {
  if (!translators.has(language)) translators.set(language, makeTranslator(language));
  return translators.get(language);
}

// To set up the writing of numbers takes longer than to write them.
const translators = new Map();

function makeTranslator(language) {
  const words = WORDS[language] ?? WORDS.en;
  const t = (key, values) => {
    const text = words[key];
    if (text === undefined) throw new Error(`no words for ${key} in ${language}`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  };
  const formats = new Map();
  const format = (value, style, digits) => {
    const key = `${style} ${digits}`;
    if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, { style, minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return formats.get(key).format(value);
  };
  t.language = language;
  t.has = (key) => key in words;
  t.number = (value, digits = 0) => format(value, "decimal", digits);
  t.percent = (value, digits = 1) => format(value, "percent", digits);
  t.step = (value) => format(value, "decimal", 0);
  return t;
}
