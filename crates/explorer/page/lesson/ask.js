// What a station asks of the model: always about a probe, and about the best checkpoint.

import { gather } from "../gather.js";
import { readRequest } from "../question.js";
import { strongestHead } from "../shown.js";

export const ROBOT = "probe-es-01";
export const ROBOT_TWIN = "probe-es-02";
export const TOM = "probe-en-01";

/**
 * @param {Run} run
 * @param {string} id
 */
export function probeNamed(run, id) {
  return run.probes.find((probe) => probe.id === id) ?? null;
}

/**
 * A question for `gather`: path and body.
 * @param {Run} run
 * @param {string} id
 * @param {Partial<ReadRequest>} change
 * @returns {[path: string, body: ReadRequest]}
 */
export function readProbe(run, id, change = {}) {
  const { text, pronoun } = /** @type {Probe} */ (probeNamed(run, id));
  return ["/api/read", readRequest(run, { text, pronoun, ...change })];
}

/**
 * The same for the vectors of one head.
 * @param {Run} run
 * @param {string} id
 * @param {Head} head
 * @returns {[path: string, body: unknown]}
 */
export function vectorsOfProbe(run, id, [layer, head]) {
  const [, body] = readProbe(run, id);
  return ["/api/vectors", { ...body, layer, head }];
}

/**
 * What a station studies, or what `gather` says while there is no answer.
 * @param {Context} context
 * @param {[path: string, body: unknown][]} questions
 * @param {(...answers: any[]) => any} facts makes the facts of the answers, or asks further: another `study`
 * @returns {Study}
 */
export function study(context, questions, facts) {
  const entry = gather(context, questions);
  if (entry.status !== "ready") return entry;
  const found = facts(...entry.answers);
  return found.status ? found : { status: "ready", facts: found };
}

/**
 * The head that the lesson follows: of all, the one in which the pronoun reads the answer most
 * (or the antecedent, if the answer is none).
 * @param {AttentiveReading} reading
 */
export function followedHead(reading, antecedent) {
  const word = reading.answer ?? antecedent;
  return { word, place: strongestHead({ ...reading, answer: word }) };
}
