// The answers that a pronoun may have, the likeliest first.

import { textOf } from "./shown.js";

/**
 * Whole phrases where the model found them, else words; `text` is null for none.
 * @param {Reading} reading
 * @returns {{ text: string | null, probability: number }[]}
 */
export function rankedAnswers(reading) {
  const { phrases, words, probabilities } = reading;
  const answers = phrases.length > 0
    ? phrases.map(({ span, probability }) => ({ text: textOf(reading, span), probability }))
    : words.map((span, i) => ({ text: textOf(reading, span), probability: probabilities[i] }));
  const sum = answers.reduce((total, { probability }) => total + probability, 0);
  const none = phrases.length > 0 ? Math.max(0, 1 - sum) : probabilities[words.length];
  return [...answers, { text: null, probability: none }].sort((a, b) => b.probability - a.probability);
}
