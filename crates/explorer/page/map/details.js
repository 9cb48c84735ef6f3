// One part of the map opened in place: what it does, and its numbers.

import { drawBarStrip } from "../bar-strip.js";
import { barTable } from "../bars.js";
import { cosine } from "../arithmetic.js";
import { make } from "../dom.js";
import { headName, shortHead } from "../head-picker.js";
import { greatestSize } from "../strip.js";
import { weightAt } from "../shown.js";
import { probabilityOf, wordText } from "../word-strip.js";
import { clock } from "./clock.js";
import { lengthOf, pointerScores, rowOf, streamSteps, strongestUnits, turnOf } from "./measures.js";
import { mapParts, partNow, partTitle } from "./parts.js";

// Pairs of numbers whose angle is shown, units of a feed-forward network, and words of the answer.
const N_PAIRS = 6;
const N_UNITS = 6;
const N_WORDS = 6;
const STRIP = 640;

/**
 * @param {Context} context
 * @param {{ seen: Activations, token: number }} of
 */
export function drawPart(context, of) {
  const { t, state, patch, reading } = context;
  const parts = mapParts(of.seen.n_layers);
  const now = partNow(state, parts);
  const part = parts[now];
  const step = (name, to) => make("button", {
    type: "button", class: name === "next" ? "primary" : "quiet-button", "data-key": `map-${name}`,
    "aria-disabled": String(!parts[to]), on: { click: () => parts[to] && patch({ part: parts[to].name }) },
  }, t(`map.${name}`));
  return make("section", { class: "map-detail card", "aria-label": partTitle(t, part), "data-part": part.name },
    make("div", { class: "map-detail-head" },
      make("h3", null, partTitle(t, part)), make("span", { class: "quiet" }, t("map.part_of", { n: now + 1, of: parts.length })),
      step("previous", now - 1), step("next", now + 1)),
    make("p", { "aria-live": "polite" }, t(`map.${textKey(part, of)}_about`, {
      token: reading.tokens[of.token].text, d_model: of.seen.d_model, d_ff: of.seen.d_ff, n: part.layer + 1,
      heads: reading.attention.heads, position: of.token,
    })),
    CONTENTS[part.kind](context, of, part.layer));
}

// Positions are turned, or added, and are explained accordingly.
function textKey({ kind }, { seen }) {
  return kind === "positions" && seen.positions.added ? "positions_added" : kind;
}

/** @type {Record<string, (context: Context, of: { seen: Activations, token: number }, layer: number) => unknown>} */
const CONTENTS = {
  tokens: ({ t, reading, patch }, { seen, token }) => make("ol", { class: "map-pieces" },
    reading.tokens.map(({ text }, i) => make("li", null, make("button", {
      type: "button", class: "word-button", "data-key": `map-token-${i}`, "aria-pressed": String(i === token),
      title: t("map.token_id", { token: text, id: t.number(seen.ids[i]) }), on: { click: () => patch({ token: i }) },
    }, text, make("small", null, t.number(seen.ids[i])))))),
  embedding: ({ t }, { seen }) => vectorPart(t, "map.embedding_vector", seen.embedding),
  positions: ({ t }, { seen, token }) => (seen.positions.added
    ? vectorPart(t, "map.position_vector", seen.positions.added) : turns(t, token, seen.positions)),
  attention: (context, of, layer) => [mapHeads(context, of, layer), addedPart(context, of, "attention", layer)],
  feed_forward: (context, of, layer) => [innerPart(context, of, layer), addedPart(context, of, "feed_forward", layer)],
  stream: (context, of) => streamTable(context, of),
  pointer: (context, of) => pointerTable(context, of),
  answer: (context, of) => lensTable(context, of),
};

/** @param {Translator} t */
function vectorPart(t, name, values) {
  return make("figure", { class: "map-vector" },
    make("figcaption", { class: "quiet" }, t(name, { n: values.length, length: t.number(lengthOf(values), 2) })),
    make("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": t(name, { n: values.length, length: t.number(lengthOf(values), 2) }) },
      drawBarStrip(values, greatestSize(values), "ink", { cell: Math.max(STRIP / values.length, 3), height: 44 })));
}

/** @param {Translator} t */
function turns(t, position, positions) {
  const pairs = Array.from({ length: Math.min(N_PAIRS, positions.d_head / 2) },
    (_, i) => Math.floor((i * positions.d_head) / 2 / N_PAIRS));
  return make("ul", { class: "map-turns plain" }, pairs.map((pair) => make("li", null,
    clock(position, pair, positions, 48),
    make("span", null, t("map.turn", { a: 2 * pair + 1, b: 2 * pair + 2, degrees: t.number(turnOf(position, pair, positions) * 360, 0) })))));
}

/** @param {Context} context */
function mapHeads(context, { token }, layer) {
  const { t, reading, patch } = context;
  const { attention, tokens } = reading;
  const rows = Array.from({ length: attention.heads }, (_, head) => {
    const weights = tokens.map((_, key) => weightAt(attention, layer, head, token, key));
    const most = weights.indexOf(Math.max(...weights));
    const onAnswer = reading.answer === null ? 0 : tokens.reduce((sum, { word }, key) => (
      word === reading.answer ? sum + weights[key] : sum), 0);
    return {
      head: make("button", {
        type: "button", class: "link", "data-key": `map-head-${head}`, title: headName(t, layer, head),
        on: { click: () => patch({ view: "steps", selected: [[layer, head]] }) },
      }, shortHead(layer, head)),
      cells: [
        { text: `${tokens[most].text} ${t.percent(weights[most], 0)}`, share: weights[most] },
        { text: t.percent(onAnswer, 0), share: onAnswer },
      ],
    };
  });
  return barTable(t("map.heads_caption", { token: tokens[token].text }), [
    t("causal.head"), t("map.reads_most"), t("map.reads_answer", { answer: wordText(t, reading, reading.answer) }),
  ], rows);
}

/**
 * What a part adds: how long it is, and how it lies to the stream that it is added to.
 * @param {Context} context
 */
function addedPart({ t }, { seen }, kind, layer) {
  const added = rowOf(seen[kind], layer, seen.d_model);
  const before = rowOf(seen.residual, layer, seen.d_model);
  return [
    vectorPart(t, "map.added_vector", added),
    make("p", { class: "quiet" }, t("map.added", {
      length: t.number(lengthOf(added), 2), before: t.number(lengthOf(before), 2), cosine: t.number(cosine(added, before), 2),
    }), seen.norm === "after" ? ` ${t("map.norm_after")}` : null),
  ];
}

/** @param {Context} context */
function innerPart({ t }, { seen }, layer) {
  const inner = rowOf(seen.inner, layer, seen.d_ff);
  const greatest = greatestSize(inner);
  const active = inner.reduce((n, value) => n + (Math.abs(value) > greatest / 10 ? 1 : 0), 0);
  const units = strongestUnits(inner, N_UNITS).map(([i, value]) => `${i + 1} (${t.number(value, 2)})`).join(", ");
  return [
    make("figure", { class: "map-vector" },
      make("figcaption", { class: "quiet" }, t("map.inner_vector", { n: inner.length })),
      make("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": t("map.inner_vector", { n: inner.length }) },
        drawBarStrip(inner, greatest, "value", { cell: Math.max(STRIP / inner.length, 2), height: 44 }))),
    make("p", { class: "quiet" }, t("map.inner", { active, n: inner.length, units })),
  ];
}

/** @param {Context} context */
function streamTable({ t }, { seen }) {
  const steps = streamSteps(seen);
  const longest = Math.max(...steps.map(({ length }) => length));
  return barTable(t("map.stream_caption"), [t("map.after"), t("map.length"), t("map.of_start"), t("map.of_end")],
    steps.map(({ part, layer, length, ofStart, ofEnd }) => ({
      head: t(`map.after_${part}`, { n: layer + 1 }),
      cells: [
        { text: t.number(length, 2), share: length / longest }, { text: t.number(ofStart, 2), share: ofStart },
        { text: t.number(ofEnd, 2), share: ofEnd },
      ],
    })));
}

/** @param {Context} context */
function likeliestWords({ reading }) {
  return [...reading.words.map((_, word) => word), null]
    .sort((a, b) => probabilityOf(reading, b) - probabilityOf(reading, a)).slice(0, N_WORDS);
}

/** @param {Context} context */
function pointerTable(context, { seen }) {
  const { t, reading } = context;
  const { scores, probabilities } = pointerScores(seen, reading);
  const place = (word) => (word === null ? reading.words.length : word);
  const difference = Math.max(...reading.probabilities.map((given, i) => Math.abs(given - probabilities[i])));
  return [
    barTable(t("map.pointer_caption"), [t("lesson.word"), t("map.score"), t("map.share")],
      likeliestWords(context).map((word) => ({
        head: wordText(t, reading, word), mark: word === reading.answer ? "is-answer" : null,
        cells: [
          t.number(scores[place(word)], 2), { text: t.percent(probabilities[place(word)]), share: probabilities[place(word)] },
        ],
      }))),
    make("p", { class: "quiet agreement", "data-difference": difference }, t("map.agrees", { difference: t.number(difference, 6) })),
  ];
}

/** @param {Context} context */
function lensTable(context, { seen }) {
  const { t, reading } = context;
  const n = reading.words.length + 1;
  const depths = Array.from({ length: seen.n_layers + 1 }, (_, depth) => rowOf(seen.lens, depth, n));
  return barTable(t("map.answer_caption"), [
    t("lesson.word"), ...depths.map((_, depth) => t(depth === 0 ? "map.depth_start" : "map.depth", { n: depth })),
  ], likeliestWords(context).map((word) => ({
    head: wordText(t, reading, word), mark: word === reading.answer ? "is-answer" : null,
    cells: depths.map((row) => {
      const share = row[word === null ? n - 1 : word];
      return { text: t.percent(share, 0), share };
    }),
  })));
}
