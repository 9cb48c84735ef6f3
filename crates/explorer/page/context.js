// What a view is given: the run, the reading, the state, the words of the interface, and a way to ask for more.

import { runWithHeads } from "./head-report.js";
import { languageOf, translator } from "./language.js";
import { memo } from "./memo.js";
import { hasChange, isRecordedStep, mainQuestion, subject, untouchedQuestion } from "./question.js";
import { selectedHeads } from "./shown.js";

/**
 * Keeps what was answered last, a reading or the reason why there is none: it stays on the page while the next
 * answer is under way.
 * @param {Omit<Run, "heads">} answered
 */
export function createContexts(answered, source, answers, store, announce) {
  /** @type {{ shown: PageContext["shown"], readings: Reading[], step: number, error: AnswerFault | null }} */
  let last = { shown: "loading", readings: [], step: 0, error: null };
  /** @type {Head[]} */
  let selected = [];
  const run = runWithHeads(answered, answers.ask);
  let variants = null;
  // The last variants stay until the next ones arrive: otherwise the page would jump twice at each letter.
  const variantsNow = (reading, isStale) => {
    if (!reading || !run.live) return null;
    if (isStale) return variants;
    const entry = answers.ask("/api/variants", { text: reading.text, pronoun: reading.pronoun }, "variants");
    if (entry.status === "loading") return variants;
    return entry.status === "ready" && entry.answer.variants.length > 0 ? entry.answer.variants : null;
  };
  return () => {
    const { state, patch } = store;
    const language = languageOf(state);
    const about = subject(run, state, language);
    const question = mainQuestion(run, state, about);
    const entry = about.text.trim() === "" ? { status: "empty" } : answers.ask(question.path, question.body, "main");
    const original = hasChange(state) ? untouched(run, state, about, answers) : null;
    const isUnrecorded = entry.error?.code === "not_recorded" && original !== null;
    if (isUnrecorded) last = { ...last, shown: "ready", readings: alone(original), error: entry.error };
    else if (entry.status === "ready") {
      last = { shown: "ready", readings: question.at(entry.answer), step: entry.answer.step, error: null };
    } else if (entry.status !== "loading") last = { ...last, shown: entry.status, error: entry.error ?? null };
    const isStale = entry.status !== "ready" && !isUnrecorded;
    const answered = last.readings[Math.min(state.which, last.readings.length - 1)] ?? null;
    const reading = withAttention(answered, original);
    variants = variantsNow(reading, isStale);
    // The heads stay those of the reading without the change: else the picture would be of other ones.
    const isKnown = !hasChange(state) || original !== null || state.selected !== null || selected.length === 0;
    if (isKnown) selected = selectedHeads(original ?? reading, state);
    return {
      variants, run, source, state, patch, announce, language, about, reading,
      t: translator(language),
      ask: answers.ask,
      readings: last.readings,
      step: last.step,
      status: isUnrecorded ? "ready" : entry.status,
      shown: last.shown,
      error: last.error,
      isStale,
      isAttentionUntouched: isUnrecorded || reading !== answered,
      isRecorded: isRecordedStep(run, state, about),
      before: isStale || isUnrecorded ? null : original,
      selected,
    };
  };
}

/**
 * The reading without masks and ablations, once it is there.
 * @param {Run} run
 * @param {State} state
 * @param {Subject} about
 */
function untouched(run, state, about, answers) {
  const question = untouchedQuestion(run, state, about);
  const entry = answers.ask(question.path, question.body, "before");
  if (entry.status !== "ready") return null;
  const readings = question.at(entry.answer);
  return readings[Math.min(state.which, readings.length - 1)] ?? null;
}

/**
 * An exported page has answers to changes, and not the attention that led to them: then that without the change
 * is shown, which the page says.
 */
const withAttention = memo((answered, original) => {
  if (!answered || answered.attention || !original?.attention) return answered;
  return { ...answered, attention: original.attention };
}, (answered, original) => [answered, original]);

// The same list for the same reading.
const alone = memo((reading) => [reading], (reading) => [reading]);
