// Several questions to the model as one: there when all of them are.

import { make } from "./dom.js";
import { readRequest } from "./question.js";

// `questions`: [[path, body], …]. { status, answers, error } with `answers` in that order.
export function gather({ ask }, questions) {
  const entries = questions.map(([path, body]) => ask(path, body));
  const failed = entries.find(({ status }) => status === "error");
  if (failed) return { status: "error", error: failed.error };
  if (entries.some(({ status }) => status === "loading")) return { status: "loading" };
  return { status: "ready", answers: entries.map(({ answer }) => answer) };
}

// The question for the vectors of one head, of the reading that is shown.
export function vectorsQuestion({ run, state, about, reading }, layer, head) {
  const request = readRequest(run, { ...state, ...about, text: reading.text, pronoun: reading.pronoun });
  return ["/api/vectors", { ...request, layer, head }];
}

// What stands in the place of a part that is not there yet, or never will be.
export function waitingPart({ t, run, retry }, { status, error }) {
  if (status === "loading") return make("p", { class: "message quiet", role: "status" }, t("part.loading"));
  if (error.code === "not_recorded") return make("p", { class: "message" }, t("part.not_recorded", { run: run.run.name }));
  return make("div", { class: "message", role: "alert" },
    make("p", null, t("part.error", { message: error.message })),
    make("button", { type: "button", "data-key": "part-retry", on: { click: retry } }, t("part.retry")));
}
