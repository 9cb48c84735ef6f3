// What the views that look into one head share: which head, which word asks, and its vectors.

import { chooser, make } from "./dom.js";
import { tokensAnswer, vectorsQuestion } from "./gather.js";
import { choose } from "./moments.js";

/**
 * What is shown of one head, or a message where there are no vectors (yet).
 * @param {Context} context
 * @returns {{ layer: number, head: number, query: number, vectors: Vectors, message?: undefined }
 *   | { message: Node, vectors?: undefined }}
 */
export function vectorsOfState(context) {
  const { reading, selected, state } = context;
  // Of the steps between checkpoints only the weights were kept.
  if (context.isRecorded) return { message: recordedStep(context) };
  const [layer, head] = selected[0];
  const { answer, message } = tokensAnswer(context, vectorsQuestion(context, layer, head));
  if (message) return { message };
  return { layer, head, vectors: answer, query: focusedToken(state, reading) };
}

/**
 * Why there are no vectors at a step between checkpoints, and the way to the nearest one.
 * @param {Context} context
 */
export function recordedStep(context) {
  const { t, run, state, patch } = context;
  const far = (step) => Math.abs(step - (state.snapshot ?? 0));
  const steps = run.checkpoints.map(({ step }) => step).sort((a, b) => far(a) - far(b));
  return make("div", { class: "message" },
    make("p", null, t("part.recorded_step")),
    steps.length === 0 ? null : make("button", {
      type: "button", "data-key": "nearest-checkpoint",
      on: { click: () => patch(choose({ kind: "checkpoint", step: steps[0] }, context)) },
    }, t("part.nearest_checkpoint", { step: t.step(steps[0]) })));
}

/**
 * The token that asks: that of the state if the text has it, else the pronoun's.
 * @param {State} state
 * @param {Reading} reading
 */
export function focusedToken({ token }, { tokens, pronoun_token }) {
  return token !== null && token < tokens.length ? token : pronoun_token;
}

/** @param {Context} context */
export function queryChooser({ t, reading, patch }, query, label = t("pick.query")) {
  return chooser(label, tokenOptions(reading), String(query), (token) => patch({ token: Number(token) }),
    "query");
}

/** @param {Context} context */
export function keyChooser({ t, reading, patch }, key) {
  return chooser(t("pick.key"), tokenOptions(reading), String(key), (token) => patch({ key: Number(token) }), "key");
}

// A word that stands twice in a text is told by its place.
function tokenOptions({ tokens }) {
  return tokens.map((token, i) => [String(i), `${i + 1}. ${token.text}`]);
}
