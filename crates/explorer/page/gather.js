// Several questions to the model as one, which is answered when all of them are.

import { make } from "./dom.js";
import { canRetry, errorText, retryButton } from "./messages.js";
import { readRequest } from "./question.js";

/**
 * The answers are in the order of the questions.
 * @param {PageContext} context
 * @param {[path: string, body: unknown][]} questions
 * @returns {Gathered}
 */
export function gather({ ask }, questions) {
  const entries = questions.map(([path, body]) => ask(path, body));
  const error = entries.find((entry) => entry.status === "error")?.error;
  if (error) return { status: "error", error };
  if (entries.some(({ status }) => status === "loading")) return { status: "loading" };
  return { status: "ready", answers: entries.map(({ answer }) => answer) };
}

/**
 * The question for the vectors of one head, of the reading that is shown.
 * @param {PageContext<Reading>} context
 * @returns {[path: string, body: unknown]}
 */
export function vectorsQuestion(context, layer, head) {
  return ["/api/vectors", { ...shownRequest(context), layer, head }];
}

/**
 * The question for what a token becomes on its way through the model, of the reading that is shown.
 * @param {PageContext<Reading>} context
 * @returns {[path: string, body: unknown]}
 */
export function activationsQuestion(context, token) {
  return ["/api/activations", { ...shownRequest(context), token }];
}

/** @param {PageContext<Reading>} context */
function shownRequest({ run, state, about, reading }) {
  return readRequest(run, { ...state, ...about, text: reading.text, pronoun: reading.pronoun });
}

/**
 * The answer to a question about the tokens of the reading that is shown, or what is shown until it is there.
 * @param {Context} context
 * @param {[path: string, body: unknown]} question
 * @returns {{ answer: any, message: null } | { answer: null, message: Node }}
 */
export function tokensAnswer(context, question) {
  const entry = gather(context, [question]);
  if (entry.status !== "ready") return { answer: null, message: waitingPart(context, entry) };
  const [answer] = entry.answers;
  if (answer.seq === context.reading.tokens.length) return { answer, message: null };
  return { answer: null, message: waitingPart(context, { status: "loading" }) };
}

/**
 * What is shown instead of a part whose answer has not arrived, or is an error.
 * @param {PageContext} context
 * @param {Gathered} entry
 */
export function waitingPart(context, { error }) {
  const { t, run } = context;
  if (!error) return make("p", { class: "message quiet", role: "status" }, t("part.loading"));
  if (error.code === "not_recorded") return make("p", { class: "message" },
    t("part.not_recorded", { run: run.run.path ?? run.run.name }));
  return make("div", { class: "message", role: "alert" },
    make("p", null, t("part.error", { message: errorText(context, error) })),
    canRetry(error) ? retryButton(context) : null);
}
