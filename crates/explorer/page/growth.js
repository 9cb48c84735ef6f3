// How the heads grew: hits per head and accuracy at each recorded step.

import { headWeights, wordAt } from "./shown.js";

// [{ step, accuracy, hits: [layer][head] }], from the report where there is one, else from the recorded attention.
// null until all of it has arrived.
export function growthOf({ run, ask }) {
  if (run.heads?.growth?.length > 0) return run.heads.growth;
  const entries = run.snapshots.map(({ step }) => ask("/api/snapshot", { step }));
  if (entries.some(({ status }) => status === "loading")) return null;
  return run.snapshots.flatMap(({ step, accuracy }, i) => (entries[i].status === "ready" ? [measured(step, accuracy, entries[i].answer.readings)] : []));
}

const measuredBefore = new WeakMap();

function measured(step, accuracy, readings) {
  if (!measuredBefore.has(readings)) {
    const usable = readings.filter(({ antecedent, attention }) => antecedent !== null && attention);
    const { layers = 0, heads = 0 } = usable[0]?.attention ?? {};
    const hits = Array.from({ length: layers }, (_, layer) => Array.from({ length: heads }, (_, head) => usable.filter((reading) => isHit(reading, layer, head)).length / usable.length));
    measuredBefore.set(readings, { step, accuracy: accuracy ?? rightAnswers(readings), hits });
  }
  return measuredBefore.get(readings);
}

// Whether the pronoun reads its antecedent more than any other word, special tokens and itself aside.
function isHit(reading, layer, head) {
  const weights = headWeights(reading.attention, layer, head);
  const { seq } = reading.attention;
  let best = -1;
  let word = null;
  reading.tokens.forEach((token, i) => {
    if (token.word === null || token.word === reading.pronoun_word) return;
    const weight = weights[reading.pronoun_token * seq + i];
    if (weight > best) [best, word] = [weight, token.word];
  });
  return word === wordAt(reading, reading.candidates[reading.antecedent]);
}

function rightAnswers(readings) {
  const right = readings.filter((reading) => reading.answer === (reading.antecedent === null ? null : wordAt(reading, reading.candidates[reading.antecedent])));
  return right.length / readings.length;
}
