// All anaphors of a text: those that the model finds in it, what each of them stands for, and the way from one to
// the next.

import { memo } from "./memo.js";
import { readRequest } from "./question.js";
import { overlap } from "./shown.js";

/**
 * One reading for each anaphor of the text, as far as they are known: a probe asks about one of its own, so the
 * others are asked for besides.
 * @param {PageContext} context
 * @returns {Reading[]}
 */
export function anaphorsOf({ run, state, about, reading, readings, ask, isStale, isRecorded }) {
  if (!reading) return [];
  // A text without a chosen pronoun was asked for all of them already.
  const isWhole = about.id === null && about.pronoun === null && !about.text.includes("{");
  if (isWhole || !run.live || isStale || isRecorded) return readings;
  const request = readRequest(run, { ...state, text: reading.text, pronoun: null });
  const entry = ask("/api/read", request, "anaphors");
  return entry.status === "ready" ? withReading(entry.answer.readings, reading) : readings;
}

// In the order of the text. The one that is shown is among them, found or not; the same list for the same readings.
const withReading = memo((found, reading) => {
  const others = found.filter((/** @type {Reading} */ { pronoun }) => !overlap(pronoun, reading.pronoun));
  return [...others, reading].sort((a, b) => a.pronoun[0] - b.pronoun[0]);
}, (found, reading) => [found, reading]);

/**
 * For each word the number of its chain: an anaphor and what it stands for, and all others that stand for the same.
 * A word that is in none is not in it; a chain has two anaphors or more.
 * @param {Reading[]} anaphors
 * @returns {Map<number, number>}
 */
export function chainsOf(anaphors) {
  /** @type {Map<number, number[]>} */
  const byAnswer = new Map();
  for (const { answer, pronoun_word } of anaphors) {
    if (answer !== null) byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), pronoun_word]);
  }
  const chains = new Map();
  let n = 0;
  for (const [answer, words] of [...byAnswer].sort(([a], [b]) => a - b)) {
    if (words.length < 2) continue;
    for (const word of [answer, ...words]) chains.set(word, n);
    n += 1;
  }
  return chains;
}

/**
 * The change of state that asks about another anaphor.
 * @param {PageContext} context
 * @param {Reading} wanted
 * @returns {Partial<State>}
 */
export function askAbout({ readings, run }, wanted) {
  const place = readings.indexOf(wanted);
  if (place >= 0 && readings.length > 1) return { which: place, token: null };
  const probe = run.probes.find(({ text, pronoun }) => text === wanted.text && pronoun[0] === wanted.pronoun[0]);
  if (probe) return { probe: probe.id, text: "", pronoun: null, which: 0, token: null };
  return askAboutSpan(wanted, wanted.pronoun);
}

/**
 * The same for any span of a text that was read.
 * @param {{ text: string }} reading
 * @param {Span} span
 * @returns {Partial<State>}
 */
export function askAboutSpan({ text }, span) {
  return { text, pronoun: span, probe: "", which: 0, token: null, snapshot: null };
}

/** @param {PageContext} context */
export function walkAnaphors(context, by) {
  const anaphors = anaphorsOf(context);
  const now = anaphors.findIndex(({ pronoun }) => pronoun[0] === context.reading?.pronoun[0]);
  if (anaphors.length < 2 || now < 0) return;
  context.patch(askAbout(context, anaphors[(now + by + anaphors.length) % anaphors.length]));
}
