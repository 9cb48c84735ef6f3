// The whole model on one screen: from the tokens to the answer, with the residual stream between the blocks.

import { drawBarStrip } from "../bar-strip.js";
import { shareBar } from "../bars.js";
import { headColor } from "../color.js";
import { make } from "../dom.js";
import { shortHead } from "../head-picker.js";
import { greatestSize } from "../strip.js";
import { weightAt } from "../shown.js";
import { probabilityOf, wordText } from "../word-strip.js";
import { lengthOf, rowOf } from "./measures.js";
import { clock } from "./clock.js";
import { mapParts, partNow, partTitle } from "./parts.js";

// Tokens and scores that fit into a card; the details have them all.
const MAX_MAP_TOKENS = 9;
const MAX_MAP_ANSWERS = 3;
// So wide is a strip, whatever the number of its bars.
const STRIP_WIDTH = 128;

/**
 * @param {Context} context
 * @param {{ seen: Activations, token: number }} of
 */
export function drawMap(context, of) {
  const { t, state } = context;
  const parts = mapParts(of.seen.n_layers);
  const now = parts[partNow(state, parts)];
  const card = (/** @type {string} */ name, /** @type {unknown[]} */ ...content) => {
    const part = /** @type {import("./parts.js").MapPart} */ (parts.find((each) => each.name === name));
    return partCard(context, part, part === now, content);
  };
  const blocks = Array.from({ length: of.seen.n_layers }, (_, layer) => [
    card(`attention-${layer + 1}`, headDots(context, of, layer), strip(of, "attention", layer)),
    streamNode(context, of, layer + 1),
    card(`feed_forward-${layer + 1}`, innerStrip(of, layer), strip(of, "feed_forward", layer)),
  ]);
  return make("div", { class: "map-box scroll-x", tabindex: "0", role: "region", "aria-label": t("map.label") },
    make("div", { class: "map", style: { "--blocks": of.seen.n_layers } },
      make("div", { class: "map-start" },
        card("tokens", tokenList(context, of.token)),
        card("embedding", vectorStrip(of.seen.embedding)),
        card("positions", positionPicture(of))),
      make("div", { class: "map-blocks" },
        make("div", { class: "map-river" }, card("stream", streamName(context))),
        streamNode(context, of, 0),
        blocks.map((block, layer) => make("div", { class: "map-block", role: "group", "aria-label": t("map.block", { n: layer + 1 }) },
          make("span", { class: "map-block-name", "aria-hidden": "true" }, t("map.block", { n: layer + 1 })), block))),
      make("div", { class: "map-end" },
        card("pointer", make("span", { class: "quiet" }, t("map.pointer_short"))),
        card("answer", answerBars(context)))));
}

/**
 * @param {Context} context
 * @param {import("./parts.js").MapPart} part
 * @param {boolean} isOpen
 * @param {unknown[]} content
 */
function partCard({ t, patch }, part, isOpen, content) {
  return make("button", {
    type: "button", class: `map-part is-${part.kind}`, "data-key": `part-${part.name}`, "aria-pressed": String(isOpen),
    title: partTitle(t, part), on: { click: () => open(patch, part.name) },
  }, make("span", { class: "map-part-name" }, t(`map.${part.kind}_name`)), content);
}

// Where the map fills the screen, what was opened stands below it.
function open(patch, name) {
  patch({ part: name });
  requestAnimationFrame(() => document.querySelector(".map-detail")?.scrollIntoView({ block: "nearest" }));
}

/** @param {Context} context */
function streamName({ t }) {
  return make("span", { class: "quiet" }, t("map.stream_short"));
}

/** @param {Context} context */
function tokenList({ reading }, token) {
  const { tokens } = reading;
  const first = Math.min(Math.max(token - MAX_MAP_TOKENS + 3, 0), Math.max(tokens.length - MAX_MAP_TOKENS, 0));
  const shown = tokens.slice(first, first + MAX_MAP_TOKENS);
  return make("span", { class: "map-tokens" },
    first > 0 ? make("span", { class: "map-token" }, "…") : null,
    shown.map(({ text }, i) => make("span", { class: first + i === token ? "map-token is-pronoun" : "map-token" }, text)),
    first + shown.length < tokens.length ? make("span", { class: "map-token" }, "…") : null);
}

function vectorStrip(values, height = 22) {
  return drawBarStrip(values, greatestSize(values), "ink", { cell: STRIP_WIDTH / values.length, height });
}

// What attention and feed-forward networks add is drawn to one scale, so that their sizes can be compared.
function strip({ seen }, kind, layer) {
  const scale = greatestSize(seen.attention, seen.feed_forward);
  const values = rowOf(seen[kind], layer, seen.d_model);
  return drawBarStrip(values, scale, "ink", { cell: STRIP_WIDTH / values.length, height: 22 });
}

function innerStrip({ seen }, layer) {
  const values = rowOf(seen.inner, layer, seen.d_ff);
  return drawBarStrip(values, greatestSize(seen.inner), "value", { cell: STRIP_WIDTH / values.length, height: 22 });
}

/** The more a head's token reads the answer, the fuller its dot. */
function headDots({ reading }, { token }, layer) {
  const { attention, answer, tokens } = reading;
  const read = (head) => tokens.reduce((sum, { word }, key) => (
    word !== null && word === answer ? sum + weightAt(attention, layer, head, token, key) : sum), 0);
  return make("span", { class: "map-heads" }, Array.from({ length: attention.heads }, (_, head) => make("span", {
    class: "map-head", title: shortHead(layer, head),
    style: { "--head": headColor(head), "--share": `${Math.round(read(head) * 100)}%` },
  })));
}

/**
 * How long the vector is between two blocks, and what the pointer would answer if it stood there.
 * @param {Context} context
 */
function streamNode(context, { seen }, depth) {
  const { t, reading } = context;
  const n = reading.words.length + 1;
  const row = rowOf(seen.lens, depth, n);
  const best = row.indexOf(Math.max(...row));
  const word = best === n - 1 ? null : best;
  return make("span", { class: "map-node", "data-depth": depth },
    make("span", { class: "map-length" }, t("map.length_short", { length: t.number(lengthOf(rowOf(seen.residual, depth, seen.d_model)), 1) })),
    make("span", { class: word === reading.answer ? "map-lens is-answer" : "map-lens" },
      `${wordText(t, reading, word)} ${t.percent(row[best], 0)}`));
}

function positionPicture({ seen, token }) {
  if (seen.positions.added) return vectorStrip(seen.positions.added);
  return make("span", { class: "map-clocks" }, [0, 2, 4].map((pair) => clock(token, pair, seen.positions, 30)));
}

/** @param {Context} context */
function answerBars({ t, reading }) {
  const words = [...reading.words.map((_, word) => word), null]
    .sort((a, b) => probabilityOf(reading, b) - probabilityOf(reading, a)).slice(0, MAX_MAP_ANSWERS);
  return make("span", { class: "map-answers" }, words.map((word) => make("span", {
    class: word === reading.answer ? "map-answer is-answer" : "map-answer",
  },
    make("span", null, wordText(t, reading, word)), shareBar(probabilityOf(reading, word)),
    make("span", { class: "number" }, t.percent(probabilityOf(reading, word), 0)))));
}
