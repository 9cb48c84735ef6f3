// A head that looks at the answer and is not needed, and one that hardly looks at it and is: found by asking the
// model at hand about its probes, the least certain first, with each head switched off in turn.

import { readProbe, study } from "./lesson/ask.js";
import { allHeads, greatestWord, wordWeights } from "./lesson/measure.js";
import { noteMoving } from "./moving-change.js";
import { answerWeight } from "./shown.js";
import { ONE_POINT } from "./unmoved.js";

const MAX_PROBES = 6;
// Fewer than the page keeps answers to: else the first would be asked again before the last has come.
const MOST_QUESTIONS = 288;
// A head that gives the answer less than this hardly looks at it.
const LITTLE = 0.1;

/**
 * What a head gives the answer, and what happens without it: nothing (`isIdle`), or another answer (`isNeeded`). One
 * that `isLooking` is idle and reads the answer more than any other word.
 * @typedef {{
 *   place: Head, weight: number, after: number, answer: number | null, changed: Reading, isIdle: boolean,
 *   isLooking: boolean, isNeeded: boolean,
 * }} HeadTrial
 */

/**
 * One sentence, tried without each head. `pair` says what was found: "most" if the head that reads the answer most is
 * not needed, "some" if that is one that reads it more than any other word, "none" if there is no such pair.
 * @typedef {{
 *   probe: Probe, reading: AttentiveReading, before: number, trials: HeadTrial[], pair: "most" | "some" | "none",
 *   looks: HeadTrial, counts: HeadTrial,
 * }} SentenceTrial
 */

/**
 * The best sentence of those that were tried, how many these are, and in how many of them one head turns the answer.
 * @typedef {SentenceTrial & { tried: number, turned: number }} Deciding
 */

/**
 * `done` and `of` count the sentences while the model answers.
 * @param {Context} context
 * @returns {Study & { done?: number, of?: number }}
 */
export function decidingHeads(context) {
  const probes = probesToTry(context);
  if (probes.length === 0) return { status: "missing", key: "decides.no_probe" };
  return study(context, probes.map(({ id }) => readProbe(context.run, id)), (...answers) => (
    tryInTurn(context, leastCertain(probes, answers.map(({ readings: [reading] }) => reading)))));
}

/**
 * Those in the language of the page, or all, if it has none.
 * @param {Context} context
 */
function probesToTry({ run, language }) {
  const ours = run.probes.filter(({ lang }) => lang === language);
  return ours.length > 0 ? ours : run.probes;
}

/**
 * Only where the answer is a word can it be read.
 * @param {Probe[]} probes
 * @param {Reading[]} readings
 */
function leastCertain(probes, readings) {
  return readings.flatMap((reading, i) => (reading.answer === null || !reading.attention ? [] : [{
    probe: probes[i], reading: /** @type {AttentiveReading} */ (reading), before: reading.probabilities[reading.answer],
  }])).sort((a, b) => a.before - b.before).slice(0, MAX_PROBES);
}

/**
 * Until a sentence has both heads. One whose answers were not recorded is passed over.
 * @param {Context} context
 * @param {{ probe: Probe, reading: AttentiveReading, before: number }[]} sentences
 */
function tryInTurn(context, sentences) {
  /** @type {SentenceTrial[]} */
  const tried = [];
  /** @type {Study} */
  let lacking = { status: "missing", key: "decides.no_probe" };
  let questions = 0;
  for (const [done, sentence] of sentences.entries()) {
    const heads = allHeads(sentence.reading.attention).slice(0, MOST_QUESTIONS);
    questions += heads.length;
    if (done > 0 && questions > MOST_QUESTIONS) break;
    const entry = study(context, heads.map((head) => readProbe(context.run, sentence.probe.id, { ablated: [head] })),
      (...answers) => trialOf(sentence, heads, answers.map(({ readings: [changed] }) => changed)));
    if (entry.status === "error" && entry.error.code === "not_recorded") {
      lacking = entry;
      continue;
    }
    if (entry.status !== "ready") return { ...entry, done, of: sentences.length };
    tried.push(entry.facts);
    if (entry.facts.counts.isNeeded) noteMoving(sentence.probe.id);
    if (entry.facts.pair === "most") break;
  }
  return tried.length === 0 ? lacking : { status: "ready", facts: bestOf(tried) };
}

/**
 * @param {{ probe: Probe, reading: AttentiveReading, before: number }} sentence
 * @param {Head[]} heads
 * @param {Reading[]} readings without each of them
 * @returns {SentenceTrial}
 */
export function trialOf({ probe, reading, before }, heads, readings) {
  const word = /** @type {number} */ (reading.answer);
  const trials = heads.map((place, i) => headTrial(reading, word, before, place, readings[i]));
  const most = greatestBy(trials, ({ weight }) => weight);
  const looking = trials.filter(({ isLooking }) => isLooking);
  const needed = trials.filter(({ isNeeded, weight }) => isNeeded && weight < LITTLE);
  const counts = greatestBy(needed.length > 0 ? needed : trials, ({ after }) => -after);
  const looks = looking.length > 0 ? greatestBy(looking, ({ weight }) => weight) : most;
  const pair = needed.length === 0 || looking.length === 0 ? "none" : looks.weight === most.weight ? "most" : "some";
  return { probe, reading, before, trials, pair, looks, counts };
}

/**
 * @param {AttentiveReading} reading
 * @param {Head} place
 * @param {Reading} changed
 * @returns {HeadTrial}
 */
function headTrial(reading, word, before, place, changed) {
  const [layer, head] = place;
  const after = changed.probabilities[word];
  const isMoved = Math.abs(after - before) >= ONE_POINT;
  const isIdle = changed.answer === word && !isMoved;
  const weight = answerWeight(reading, layer, head);
  const reads = greatestWord(wordWeights(reading, layer, head, reading.pronoun_token), [reading.pronoun_word]);
  return {
    place, weight, after, changed, isIdle, answer: changed.answer,
    isLooking: isIdle && reads === word && weight >= LITTLE, isNeeded: changed.answer !== word && isMoved,
  };
}

/**
 * The first of equals.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} value
 */
function greatestBy(items, value) {
  return items.reduce((found, item) => (value(item) > value(found) ? item : found));
}

/**
 * Without a pair, a sentence in which a head turns the answer shows more than one in which none does.
 * @param {SentenceTrial[]} tried
 * @returns {Deciding}
 */
export function bestOf(tried) {
  const worth = ({ pair, looks, counts }) => (
    4 * ["none", "some", "most"].indexOf(pair) + 2 * Number(counts.isNeeded) + Number(looks.isIdle));
  const turned = tried.filter(({ reading, trials }) => trials.some(({ answer }) => answer !== reading.answer)).length;
  return { ...greatestBy(tried, worth), tried: tried.length, turned };
}
