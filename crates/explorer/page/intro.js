// What stands above the sentence at the start: in one sentence, what this is.

import { make } from "./dom.js";
import { viewOf } from "./views.js";

/** @param {PageContext} context */
export function drawIntro({ t, state, run }) {
  if (viewOf(state).id !== "start") return null;
  return make("h2", { id: "start-title" }, t("start.lead", { parameters: t.step(run.run.n_parameters) }));
}
