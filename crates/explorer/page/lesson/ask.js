// What a station asks of the model: always about a probe, and about the best checkpoint.

import { gather } from "../gather.js";
import { readRequest } from "../question.js";
import { strongestHead, textOf } from "../shown.js";

// Parts that probes play, whatever their ids: the sentence of the lesson in the page's language, the same but for
// what its pronoun asks, and the sentence of which the lecture shows a map.
export const ROBOT = "robot";
export const ROBOT_TWIN = "robot-twin";
export const TOM = "tom";

/**
 * @param {LessonRun} run
 * @param {string} id of a probe, or its part in the lesson
 */
export function probeNamed(run, id) {
  const wanted = run.roles?.[id] ?? id;
  return run.probes.find((probe) => probe.id === wanted) ?? null;
}

/**
 * The probes of a station; null where this run lacks one.
 * @param {Context} context
 * @param {Station} station
 */
export function probesOf({ run }, { probes }) {
  const found = probes.map((id) => probeNamed(run, id));
  return found.includes(null) ? null : /** @type {Probe[]} */ (found);
}

/**
 * The first two probes of a language that differ in what the pronoun asks; both candidates stand in both.
 * @param {Run} run
 * @param {string} language
 * @returns {[Probe, Probe] | null}
 */
function pairIn({ probes }, language) {
  for (const first of probes.filter(({ lang, id, pair }) => lang === language && pair === id)) {
    const twin = probes.find(({ id, pair }) => pair === first.id && id !== first.id);
    if (twin && first.candidates.length > 1) return [first, twin];
  }
  return null;
}

/**
 * The context of the lesson: it knows which probe plays which part, and its words may name what stands in them.
 * Without a pair in the language of the page, the Spanish one is taken.
 * @param {Context} context
 * @returns {Context}
 */
export function lessonContext(context) {
  const { run, language, t } = context;
  const pair = pairIn(run, language) ?? pairIn(run, "es");
  const tom = pairIn(run, "en");
  /** @type {Record<string, string>} */
  const roles = {};
  if (pair) Object.assign(roles, { [ROBOT]: pair[0].id, [ROBOT_TWIN]: pair[1].id });
  if (tom) roles[TOM] = tom[0].id;
  /** @type {LessonRun} */
  const lessonRun = { ...run, roles };
  return { ...context, run: lessonRun, t: pair ? naming(t, sentenceWords(pair)) : t };
}

/**
 * What stands in the sentence of the lesson and in its twin, for the words of the lesson.
 * @param {[Probe, Probe]} pair
 * @returns {Record<string, string>}
 */
function sentenceWords([first, twin]) {
  const words = (/** @type {Probe} */ { text }) => text.match(/[\p{L}\p{N}'’]+/gu) ?? [];
  const [ours, theirs] = [words(first), words(twin)];
  const place = ours.findLastIndex((word, i) => word !== theirs[i]);
  const meant = (/** @type {Probe} */ probe) => textOf(probe, probe.candidates[probe.antecedent ?? 0]);
  return {
    pronoun: textOf(first, first.pronoun), twin_pronoun: textOf(twin, twin.pronoun), property: ours[place] ?? "",
    twin_property: theirs[place] ?? "", meant: meant(first), twin_meant: meant(twin),
  };
}

/**
 * The translator, with values that every text may use.
 * @param {Translator} t
 * @returns {Translator}
 */
function naming(t, names) {
  const named = (key, values) => t(key, { ...names, ...values });
  return Object.assign(named, t);
}

/**
 * A question for `gather`: path and body.
 * @param {LessonRun} run
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
