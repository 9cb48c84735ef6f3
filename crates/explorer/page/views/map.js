// The whole model on one screen, for one token: from the text to the answer, every part with its numbers.

import { make } from "../dom.js";
import { activationsQuestion, tokensAnswer } from "../gather.js";
import { drawDiagram, mapParts, partName } from "../map-diagram.js";
import { partDetails } from "../map-parts.js";
import { streamOf } from "../map-numbers.js";
import { focusedToken, queryChooser, recordedStep } from "../one-head.js";

/** @type {View} */
export const mapView = {
  id: "map",
  tools: [],
  draw(context) {
    if (context.isRecorded) return recordedStep(context);
    const { t, state, patch, reading } = context;
    const parts = mapParts(reading.attention.layers);
    const part = parts.includes(state.part) ? state.part : parts[0];
    const token = focusedToken(state, reading);
    const { answer: numbers, message } = tokensAnswer(context, activationsQuestion(context, token));
    const place = parts.indexOf(part);
    const go = (by) => {
      const next = parts[place + by];
      if (next) openPart(patch, next);
    };
    return make("section", { class: "map", "aria-label": t("view.map"), on: { keydown: (event) => onMapKey(event, go) } },
      drawDiagram(context, { part, token, numbers }),
      make("div", { class: "map-bar" },
        make("button", { type: "button", class: "quiet-button", "data-key": "map-previous", disabled: place === 0, on: { click: () => go(-1) } },
          t("machine.previous")),
        make("button", { type: "button", class: "primary", "data-key": "map-next", disabled: place === parts.length - 1, on: { click: () => go(1) } },
          t("machine.next")),
        queryChooser(context, token, t("map.follow"))),
      make("div", { class: "card map-details", id: "map-details", "aria-live": "polite" },
        make("h3", null, partName(t, part)),
        partDetails(context, { part, token, numbers, message })));
  },
  csv(context) {
    if (context.isRecorded) return [];
    const token = focusedToken(context.state, context.reading);
    const { answer: numbers } = tokensAnswer(context, activationsQuestion(context, token));
    if (!numbers) return [];
    return [["part", "block", "length", "cosine_with_embedding"],
      ...streamOf(numbers).map(({ part, block, length, kept }) => [part, part === "embedding" ? "" : block + 1, length, kept])];
  },
};

// The focus goes along, so that the next key goes on from there.
function openPart(patch, part) {
  const isInDiagram = document.activeElement?.matches(".map-part");
  patch({ part });
  if (isInDiagram) requestAnimationFrame(() => {
    /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="part-${part}"]`))?.focus({ preventScroll: true });
  });
}

// Arrows keep their meaning in fields and in what scrolls.
function onMapKey(event, go) {
  if (event.target.matches("select, input, .scroll-x") || event.ctrlKey || event.altKey || event.metaKey) return;
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  go(by);
}
