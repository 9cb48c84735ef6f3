// What a view is given: the run, the reading, the state, the words of the interface, and a way to ask for more.

import { runWithHeads } from "./head-report.js";
import { languageOf, translator } from "./language.js";
import { hasChange, isRecordedStep, mainQuestion, subject, untouchedQuestion } from "./question.js";
import { selectedHeads } from "./shown.js";

/**
 * Keeps the last good reading, which stays on the page while the next one is under way.
 * @param {Omit<Run, "heads">} answered
 */
export function createContexts(answered, source, answers, store, announce) {
  /** @type {{ readings: Reading[], step: number }} */
  let last = { readings: [], step: 0 };
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
    if (entry.status === "ready") last = { readings: question.at(entry.answer), step: entry.answer.step };
    const isStale = entry.status !== "ready";
    const reading = last.readings[Math.min(state.which, last.readings.length - 1)] ?? null;
    variants = variantsNow(reading, isStale);
    return {
      variants, run, source, state, patch, announce, language, about, reading,
      t: translator(language),
      ask: answers.ask,
      readings: last.readings,
      step: last.step,
      status: entry.status, // "ready", "loading", "error" or "empty"
      error: entry.error ?? null,
      isStale,
      isRecorded: isRecordedStep(run, state, about),
      before: hasChange(state) && !isStale ? untouched(run, state, about, answers) : null,
      selected: selectedHeads(reading, state),
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
