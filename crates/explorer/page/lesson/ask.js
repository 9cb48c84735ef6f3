// What a station asks of the model: always about a probe, and about the best checkpoint.

import { gather } from "../gather.js";
import { readRequest } from "../question.js";
import { strongestHead } from "../shown.js";

export const ROBOT = "probe-es-01";
export const ROBOT_TWIN = "probe-es-02";
export const TOM = "probe-en-01";

export function probeNamed(run, id) {
  return run.probes.find((probe) => probe.id === id) ?? null;
}

// { path, body } pairs for `gather`.
export function readProbe(run, id, change = {}) {
  const { text, pronoun } = probeNamed(run, id);
  return ["/api/read", readRequest(run, { text, pronoun, ...change })];
}

export function vectorsOfProbe(run, id, [layer, head]) {
  const [, body] = readProbe(run, id);
  return ["/api/vectors", { ...body, layer, head }];
}

// What a station studies: { status: "ready", facts } or what `gather` says while there is nothing.
// `facts` makes them of the answers, or of what further questions say.
export function study(context, questions, facts) {
  const entry = gather(context, questions);
  if (entry.status !== "ready") return entry;
  const found = facts(...entry.answers);
  return found.status ? found : { status: "ready", facts: found };
}

// The head that the lesson follows: of all, the one in which the pronoun reads the answer most
// (or the antecedent, if the answer is none).
export function followedHead(reading, antecedent) {
  const word = reading.answer ?? antecedent;
  return { word, place: strongestHead({ ...reading, answer: word }) };
}
