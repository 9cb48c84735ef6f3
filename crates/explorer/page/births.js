// When a head was born, and when the answer became right: from the recorded attention of one example.

import { memo } from "./memo.js";
import { combineHeads, overlap, selectedHeads, shownAxis, shownMatrix } from "./shown.js";

/**
 * @typedef {{ step: number, isStrongest: boolean, isRight: boolean }} Moment
 * @typedef {{ word: string, head: number | null, answer: number | null, first: number, last: number }} Births
 */

/**
 * The example's recorded readings, [{ step, reading }] by step; null while one is under way.
 * @param {Pick<Context, "run" | "about" | "ask">} context
 */
export function recordedReadings({ run, about, ask }) {
  const index = run.probes.findIndex(({ id }) => id === about.id);
  if (index < 0) return [];
  const entries = run.snapshots.map(({ step }) => ({ step, entry: ask("/api/snapshot", { step }) }));
  if (entries.some(({ entry }) => entry.status === "loading")) return null;
  return entries.flatMap(({ step, entry }) => {
    const reading = entry.status === "ready" ? entry.answer.readings[index] : null;
    return reading?.attention ? [{ step, reading }] : [];
  });
}

/**
 * The first step from which something holds at every later one; null if it does not hold at the last.
 * @param {{ step: number }[]} moments
 * @param {(moment: any) => boolean} holds
 */
export function stepFrom(moments, holds) {
  const lastFailure = moments.findLastIndex((moment) => !holds(moment));
  return moments[lastFailure + 1]?.step ?? null;
}

/**
 * From which step the word that the pronoun reads most, by the heads that are shown, is the antecedent, and from
 * which the answer is right; null for what does not happen. All of it is null without an antecedent.
 * @type {(context: Context, recorded: { step: number, reading: AttentiveReading }[]) => Births | null}
 */
export const birthsOf = memo((context, recorded) => {
  const { state, reading } = context;
  const first = recorded[0]?.reading;
  if (!first || first.antecedent === null) return null;
  const selected = selectedHeads(reading, state);
  const axis = shownAxis(first, { ...state, masked: [] });
  if (axis.pronoun < 0 || axis.antecedent < 0) return null;
  const moments = recorded.map(({ step, reading: read }) => ({
    step, isStrongest: readsAntecedent(read, axis, selected, state), isRight: isRight(read),
  }));
  return {
    word: axis.labels[axis.antecedent],
    head: stepFrom(moments, ({ isStrongest }) => isStrongest),
    answer: stepFrom(moments, ({ isRight: right }) => right),
    first: moments[0].step,
    last: moments[moments.length - 1].step,
  };
}, (context, recorded) => {
  const { state, reading, about } = context;
  const shown = [about.id, selectedHeads(reading, state), state.combine, state.fold, state.special];
  return [JSON.stringify(shown), ...recorded.map(({ reading: read }) => read)];
});

/**
 * Special tokens and the pronoun itself aside, and the first of equals counts: as the hits of heads are counted.
 * @param {AttentiveReading} reading
 * @param {Axis} axis
 * @param {State} state
 */
function readsAntecedent(reading, axis, selected, state) {
  const { attention, tokens, candidates, antecedent } = reading;
  const matrix = shownMatrix(combineHeads(attention, selected, state.combine), attention.seq, axis, state);
  const from = axis.pronoun * axis.n;
  let strongest = -1;
  for (let i = 0; i < axis.n; i++) {
    if (axis.isSpecial[i] || i === axis.pronoun) continue;
    if (strongest < 0 || matrix[from + i] > matrix[from + strongest]) strongest = i;
  }
  const span = strongest < 0 ? null : tokens[axis.groups[strongest][0]].span;
  return span !== null && antecedent !== null && overlap(span, candidates[antecedent]);
}

/** @param {Reading} reading */
function isRight({ answer, antecedent, words, candidates }) {
  if (answer === null || antecedent === null) return answer === antecedent;
  return overlap(words[answer], candidates[antecedent]);
}
