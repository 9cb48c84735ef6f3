// What is said instead of an answer or a picture: nothing to read, still reading, or an error by its code.

import { make } from "./dom.js";

// What may be answered if it is asked again; the others would be refused again.
const PASSING = ["unreachable", "not_ready", "internal"];

/** @param {AnswerFault | null} error */
export function canRetry(error) {
  return error !== null && PASSING.includes(error.code ?? "internal");
}

/**
 * The reason in the language of the page.
 * @param {{ t: Translator, run: Run }} context
 * @param {AnswerFault | null} error
 */
export function errorText({ t, run }, error) {
  const key = `error.${error?.code}`;
  return t.has(key) ? t(key, { tokens: t.step(run.limits.tokens), characters: t.step(run.limits.characters) })
    : t("error.internal");
}

/** @param {PageContext} context */
export function retryButton({ t, retry }) {
  return make("button", { type: "button", "data-key": "retry", on: { click: retry } }, t("status.retry"));
}

/**
 * null where there is a reading with attention, old or new. Why there is no answer stands with the sentence.
 * @param {PageContext} context
 */
export function messageOf({ t, shown, reading }) {
  const say = (key) => make("div", { class: "message quiet", role: "status" }, make("p", null, t(key)));
  if (shown === "empty" || shown === "error") return say("status.no_figure");
  if (!reading) return say("status.loading");
  if (!reading.attention) return say("error.no_attention");
  return null;
}
