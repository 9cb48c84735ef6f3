// How often each head hits the antecedent, at each recorded step of the training.

import { headReport } from "./head-report.js";
import { overlap, weightAt } from "./shown.js";

/**
 * Hits of each head and accuracy, from the run's report where there is one, else from the recorded attention;
 * null until all of it has arrived.
 * @param {Pick<Context, "run" | "ask">} context
 * @returns {Growth[] | null}
 */
export function growthOf({ run, ask }) {
  if (headReport({ ask }).status === "loading") return null;
  const growth = run.heads?.growth ?? [];
  if (growth.length > 0) return growth;
  const entries = run.snapshots.map(({ step }) => ask("/api/snapshot", { step }));
  if (entries.some(({ status }) => status === "loading")) return null;
  return run.snapshots.flatMap(({ step, accuracy }, i) => (
    entries[i].status === "ready" ? [measured(step, accuracy, entries[i].answer.readings)] : []));
}

// What was measured, by the readings of a step: steps arrive one by one, and each is measured once.
const measuredBefore = new WeakMap();

/** @returns {Growth} */
function measured(step, accuracy, readings) {
  if (!measuredBefore.has(readings)) {
    const usable = readings.filter(({ antecedent, attention }) => antecedent !== null && attention);
    const { layers = 0, heads = 0 } = usable[0]?.attention ?? {};
    const share = (layer, head) => usable.filter((reading) => isHit(reading, layer, head)).length / usable.length;
    const hits = Array.from({ length: layers },
      (_, layer) => Array.from({ length: heads }, (_, head) => share(layer, head)));
    measuredBefore.set(readings, { step, accuracy: accuracy ?? rightAnswers(readings), hits });
  }
  return measuredBefore.get(readings);
}

/**
 * Whether the token that the pronoun reads most, special tokens and itself aside, is one of the antecedent's;
 * the first of equals counts.
 * @param {AttentiveReading & { antecedent: number }} reading
 * @param {number} layer
 * @param {number} head
 */
function isHit(reading, layer, head) {
  let greatest = -1;
  /** @type {Span | null} */
  let strongest = null;
  for (const [i, { word, span }] of reading.tokens.entries()) {
    if (word === null || word === reading.pronoun_word) continue;
    const weight = weightAt(reading.attention, layer, head, reading.pronoun_token, i);
    if (weight > greatest) [greatest, strongest] = [weight, span];
  }
  return strongest !== null && overlap(strongest, reading.candidates[reading.antecedent]);
}

/** @param {Reading[]} readings */
function rightAnswers(readings) {
  const right = readings.filter(({ answer, antecedent, words, candidates }) => (
    answer === null || antecedent === null ? answer === antecedent : overlap(words[answer], candidates[antecedent])));
  return right.length / readings.length;
}
