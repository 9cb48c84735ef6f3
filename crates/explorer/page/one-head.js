// What the views that look into one head share: which head, which word asks, and its vectors.

import { chooser, make } from "./dom.js";
import { gather, vectorsQuestion, waitingPart } from "./gather.js";

// { layer, head, query, vectors }, or { message } where there are no vectors (yet).
export function vectorsOfState(context) {
  const { reading, selected, state, t } = context;
  // Of the steps between checkpoints only the weights were kept.
  if (context.isRecorded) return { message: make("p", { class: "message" }, t("part.recorded_step")) };
  const [layer, head] = selected[0];
  const entry = gather(context, [vectorsQuestion(context, layer, head)]);
  if (entry.status !== "ready") return { message: waitingPart(context, entry) };
  const [vectors] = entry.answers;
  if (vectors.seq !== reading.tokens.length) return { message: waitingPart(context, { status: "loading" }) };
  const isToken = state.token !== null && state.token >= 0 && state.token < reading.tokens.length;
  return { layer, head, vectors, query: isToken ? state.token : reading.pronoun_token };
}

export function queryChooser({ t, reading, patch }, query) {
  return chooser(t("pick.query"), tokenOptions(reading), String(query), (token) => patch({ token: Number(token) }), "query");
}

export function keyChooser({ t, reading, patch }, key) {
  return chooser(t("pick.key"), tokenOptions(reading), String(key), (token) => patch({ key: Number(token) }), "key");
}

// A word that stands twice in a text is told by its place.
function tokenOptions({ tokens }) {
  return tokens.map((token, i) => [String(i), `${i + 1}. ${token.text}`]);
}
