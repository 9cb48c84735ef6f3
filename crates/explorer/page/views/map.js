// The map: the whole model on one screen, for one token, with every part to be opened.

import { make } from "../dom.js";
import { activationsQuestion, gather, waitingPart } from "../gather.js";
import { drawMap } from "../map/diagram.js";
import { drawPart } from "../map/details.js";
import { mapParts, partNow } from "../map/parts.js";
import { streamSteps } from "../map/measures.js";
import { focusedToken, recordedStep } from "../one-head.js";

/** @type {View} */
export const mapView = {
  id: "map",
  tools: ["step"],
  draw(context) {
    const found = activationsOf(context);
    if (!("seen" in found)) return found.message;
    const { t, state, patch } = context;
    const parts = mapParts(found.seen.n_layers);
    const walk = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = by && parts[partNow(state, parts) + by];
      // Where the map is wider than the screen, the arrows scroll it.
      if (!next || (event.target.scrollWidth > event.target.clientWidth && event.target.matches(".scroll-x"))) return;
      event.preventDefault();
      event.stopPropagation();
      patch({ part: next.name });
    };
    return make("div", { class: "stack map-view", "aria-label": t("map.label"), role: "group", on: { keydown: walk } },
      drawMap(context, found), drawPart(context, found));
  },
  csv(context) {
    const found = activationsOf(context);
    if (!("seen" in found)) return [];
    return [
      ["after", "block", "length", "cosine_with_start", "cosine_with_end"],
      ...streamSteps(found.seen).map(({ part, layer, length, ofStart, ofEnd }) => [part, layer + 1, length, ofStart, ofEnd]),
    ];
  },
};

/**
 * @param {Context} context
 * @returns {{ seen: Activations, token: number } | { message: Node }}
 */
function activationsOf(context) {
  const { reading, state } = context;
  // Of the steps between checkpoints only the weights were kept.
  if (context.isRecorded) return { message: recordedStep(context) };
  const token = focusedToken(state, reading);
  const entry = gather(context, [activationsQuestion(context, token)]);
  if (entry.status !== "ready") return { message: waitingPart(context, entry) };
  const [seen] = entry.answers;
  if (seen.seq !== reading.tokens.length) return { message: waitingPart(context, { status: "loading" }) };
  return { seen, token };
}
